"""Reading files that people send."""

from typing import Protocol

from core.domain.base import Frozen


class ReadText(Frozen):
    """The text of a file; `note` says what could not be read as it should, mostly empty."""

    title: str
    text: str
    note: str = ""


class DocumentReader(Protocol):
    """Turns the bytes of a file into text."""

    async def read(self, name: str, media_type: str, data: bytes) -> ReadText:
        """Return the text of a file. Raises BadInputError, with a sentence for the owner."""
        ...
