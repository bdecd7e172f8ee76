"""Reading files in this process: what is UTF-8 is text, and anything else as it was told."""

from collections.abc import Mapping

from core.domain.errors import BadInputError
from core.ports.documents import ReadText


class MemoryDocuments:
    """A DocumentReader for tests and small uses.

    A name may have an answer: a text that was read, or the sentence it is refused with. A file
    without one is taken for text, and refused where it is none. `names` are those asked for.
    """

    def __init__(self, answers: Mapping[str, ReadText | str] | None = None) -> None:
        """Take the answers by the names of files."""
        self.answers: dict[str, ReadText | str] = dict(answers or {})
        self.names: list[str] = []

    async def read(self, name: str, media_type: str, data: bytes) -> ReadText:
        """Return the answer for a name."""
        self.names.append(name)
        answer = self.answers.get(name)
        if answer is None:
            return _as_text(name.replace("\\", "/").rpartition("/")[2] or "The document", data)
        if isinstance(answer, str):
            raise BadInputError(answer)
        return answer

    async def read_page(self, address: str, data: bytes) -> ReadText:
        """Return the answer for an address, or the page as it was written."""
        self.names.append(address)
        answer = self.answers.get(address, ReadText(title="", text=data.decode(errors="replace")))
        if isinstance(answer, str):
            raise BadInputError(answer)
        return answer


def _as_text(name: str, data: bytes) -> ReadText:
    text = data.decode(errors="replace")
    if "\0" in text or "\ufffd" in text:
        raise BadInputError(f"{name} is no text that can be read; send it as text.")
    if not text.strip():
        raise BadInputError(f"{name} is empty: there are no words in it.")
    return ReadText(title=name.rpartition(".")[0] or name, text=text.strip("\n"))
