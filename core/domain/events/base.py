"""The envelope of the log and the registry of payload types.

A payload class is published under its wire name (`card.decided.v1`) and is never edited afterwards,
but for further fields with a default, which older events read as, and further choices of a field:
any other change is a new class under the next version, and an upcaster (`upcasting.py`) that turns
the old form into it. What is published is kept in tests/data/events.json, which a test compares.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import PrivateAttr

from core.domain.base import Frozen, JsonObject
from core.domain.canonical import canonical, sha256
from core.domain.errors import BugError

GENESIS = "0" * 64


class Payload(Frozen):
    """What happened; subclasses register themselves under `wire`."""

    wire: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own hook
        """Register the class under its wire name, once."""
        super().__init_subclass__(**kwargs)
        if cls.wire in PAYLOADS:
            message = f"Two payloads claim the wire name {cls.wire!r}."
            raise BugError(message)
        PAYLOADS[cls.wire] = cls


PAYLOADS: dict[str, type[Payload]] = {}


class Claim(Frozen):
    """A row of a read model as it must be where an event is appended; values of `doc` it must have.

    It is checked in the transaction of the append, so whoever stood still meanwhile cannot go on as
    if nothing had happened.
    """

    projection: str
    key: str
    state: str | None = None
    doc: JsonObject = {}


class NewEvent(Frozen):
    """An event before it is appended: the log adds position, version, time and hashes.

    With a claim that does not hold, nothing of its append is stored.
    """

    stream: str
    payload: Payload
    goal: str | None = None
    actor: str = "equerry"
    causation: str | None = None
    key: str | None = None
    claim: Claim | None = None


class Event(Frozen):
    """One line of the log. `payload` is the wire form; erasable text is a reference in it.

    An event that a log returns has the newest form of its type; `wire` gives it as it is stored.
    """

    position: int
    id: str
    stream: str
    version: int
    type: str
    goal: str | None
    actor: str
    at: datetime
    payload: JsonObject
    causation: str | None
    key: str | None
    prev: str
    hash: str
    _stored: tuple[str, JsonObject] | None = PrivateAttr(default=None)

    def wire(self) -> JsonObject:
        """Return the event as the log's JSON line: `at` is ISO 8601, UTC, microseconds."""
        body = {**self.__dict__, "at": stamp(self.at)}
        if self._stored is not None:
            body["type"], body["payload"] = self._stored
        return body

    def read_as(self, kind: str, payload: JsonObject) -> "Event":
        """Return the event in a newer form; its stored one and its hash stay."""
        newer = self.model_copy(update={"type": kind, "payload": payload})
        newer._stored = self._stored or (self.type, self.payload)  # noqa: SLF001 - its own
        return newer

    def expected_hash(self) -> str:
        """Return the hash that this event must carry, from everything but the hash itself."""
        body = self.wire()
        del body["hash"]
        return sha256(canonical(body))


def stamp(at: datetime) -> str:
    """Return `at` in UTC as ISO 8601 with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
