"""Check a chain event by event, and the texts that hang on it."""

from collections.abc import Mapping, Sequence

from core.domain.canonical import sha256
from core.domain.erasable import Content
from core.domain.events import GENESIS, Event
from core.log.sealing import seals_of
from core.ports.event_log import Verification


class ChainCheck:
    """Walks the events in order of position; the first problem is kept and ends the walk."""

    def __init__(self) -> None:
        self._position = 0
        self._hash = GENESIS
        self._versions: dict[str, int] = {}
        self._erased: set[str] = set()
        self.problem: str | None = None

    def take(self, events: Sequence[Event], contents: Mapping[str, Content]) -> None:
        """Check the next events; `contents` holds the rows their payloads refer to."""
        for event in events:
            if self.problem is None:
                self.problem = self._check(event) or self._check_texts(event, contents)
                self._position, self._hash = event.position, event.hash
                self._versions[event.stream] = event.version

    def broken(self, position: int, what: str) -> None:
        """Note an event that could not even be read."""
        self.problem = self.problem or f"Event {position} {what}."

    def result(self) -> Verification:
        """Return what was found so far."""
        return Verification(self._position, self._hash, self.problem, len(self._erased))

    def _check(self, event: Event) -> str | None:
        if event.position != self._position + 1:
            return f"Event {self._position + 1} is missing: {event.position} follows."
        if event.prev != self._hash:
            return f"Event {event.position} does not continue the hash of the event before it."
        if event.hash != event.expected_hash():
            return f"Event {event.position} was changed: its hash does not match what it says."
        expected = self._versions.get(event.stream, 0) + 1
        if event.version != expected:
            return (
                f"Event {event.position} has version {event.version} of the stream "
                f"{event.stream!r} where {expected} is next."
            )
        return None

    def _check_texts(self, event: Event, contents: Mapping[str, Content]) -> str | None:
        for ref, digest in seals_of(event.payload):
            content = contents.get(ref)
            if content is None:
                return f"Event {event.position} refers to the text {ref!r}, which is missing."
            if content.body is None:
                self._erased.add(ref)
            elif sha256(content.salt + content.body) != digest:
                return f"Event {event.position} refers to the text {ref!r}, which was changed."
        return None
