"""A transcriber that hears what it was told: for tests and demos."""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal

from core.domain.errors import BugError, EquerryError
from core.domain.money import ZERO
from core.ports.transcriber import Sound, Transcript


class ScriptedTranscriber:
    """Gives its texts in order, raises those that are errors, and keeps the sounds.

    A call with nothing left raises BugError: a test forgot one.
    """

    name = "scripted-ear"

    def __init__(
        self, heard: Iterable[Transcript | EquerryError | str] = (), *, most: Decimal = ZERO
    ) -> None:
        """Take what is heard; `most` is the ceiling in US dollars of every call."""
        self.sounds: list[Sound] = []
        self._most = most
        self._queue: deque[Transcript | EquerryError | str] = deque(heard)

    def then(self, *heard: Transcript | EquerryError | str) -> None:
        """Queue more."""
        self._queue.extend(heard)

    def ceiling(self, sound: Sound) -> Decimal:
        """Return what was given as the most."""
        return self._most

    async def transcribe(self, sound: Sound) -> Transcript:
        """Give what is next; a text alone costs the most."""
        self.sounds.append(sound)
        if not self._queue:
            message = f"The scripted transcriber hears nothing in call {len(self.sounds)}."
            raise BugError(message)
        heard = self._queue.popleft()
        if isinstance(heard, EquerryError):
            raise heard
        if isinstance(heard, str):
            return Transcript(text=heard, usd=self._most, ms=0, model=self.name)
        return heard
