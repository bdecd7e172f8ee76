"""Reading files in this process: whatever is UTF-8 is text, anything else is refused."""

from core.domain.errors import BadInputError
from core.ports.documents import ReadText


class MemoryDocuments:
    """A DocumentReader for tests and small uses."""

    async def read(self, name: str, media_type: str, data: bytes) -> ReadText:
        """Return the bytes as text."""
        try:
            return ReadText(title=name, text=data.decode())
        except UnicodeDecodeError as error:
            message = f"{name} is no text that can be read; send it as text."
            raise BadInputError(message) from error
