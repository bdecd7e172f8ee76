"""Documents that people send, as text."""

from typing import Protocol

from core.domain.base import Frozen


class ReadText(Frozen):
    """What stands in a file: markdown, or plain text; all of it is text from outside.

    `title` is on one line and never empty. `note` is for the owner: what could not be read as it
    should, mostly empty.
    """

    title: str
    text: str
    note: str = ""


class DocumentReader(Protocol):
    """Reads files from anybody; one that is made to do harm costs no more than a sentence."""

    async def read(self, name: str, media_type: str, data: bytes) -> ReadText:
        """Return the text of a file; takes up to half a minute.

        `name` and `media_type` are what its sender says, and may be empty or wrong. Raises
        BadInputError with one sentence for the owner, which names the file, for everything that
        cannot be read, an empty file too. Cancelled, it leaves nothing running.
        """
        ...

    async def read_page(self, address: str, data: bytes) -> ReadText:
        """Return the words of a web page as markdown with its links; title and text may be empty.

        `address` is where it was found. Takes as long as a file, raises what a file raises, and
        names the address.
        """
        ...
