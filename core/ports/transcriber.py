"""The port of transcription: a voice message as words."""

from decimal import Decimal
from typing import Protocol

from core.domain.base import Frozen
from core.domain.money import ZERO, Usd
from core.domain.sounds import longest
from core.ports.model import Usage


class Sound(Frozen):
    """A recording. `name`, `media_type` and `seconds` (0: unknown) are as its sender says."""

    data: bytes
    name: str
    media_type: str
    seconds: float

    @property
    def longest(self) -> float:
        """How long it may last, in seconds: a sender may say less than its data holds."""
        return longest(self.data, self.seconds)


class Transcript(Frozen):
    """The words of a recording; `ms` is how long the call took, `usage` is none where untold."""

    text: str
    usd: Usd = ZERO
    ms: int
    model: str
    usage: Usage = Usage()


class Transcriber(Protocol):
    """Turns recordings into words."""

    @property
    def name(self) -> str:
        """The name of the model, which `/cost` shows."""
        ...

    def ceiling(self, sound: Sound) -> Decimal:
        """Return the most this call can cost in US dollars.

        Raises ModelRefusedError when the price of the model is unknown.
        """
        ...

    async def transcribe(self, sound: Sound) -> Transcript:
        """Make the call, once. The text may be empty: nobody speaks.

        Raises ModelUnreachableError (no answer) or ModelRefusedError (ModelKeyError for the key,
        otherwise a recording or a request that will never do).
        """
        ...
