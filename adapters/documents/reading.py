"""A file becomes a document, or one sentence that says why it cannot."""

import stat
from collections.abc import Callable
from pathlib import Path

from adapters.documents.document import Document
from adapters.documents.pdf_file import from_pdf
from adapters.documents.text_file import from_markdown, from_text
from adapters.documents.web_file import from_html
from core.domain.errors import BadInputError

MAX_BYTES = 20_000_000
_READERS: dict[str, Callable[[Path, bytes], Document]] = {
    ".md": from_markdown,
    ".markdown": from_markdown,
    ".txt": from_text,
    ".text": from_text,
    ".html": from_html,
    ".htm": from_html,
    ".pdf": from_pdf,
}


def read_document(path: Path) -> Document:
    """Return the title and text of a file; blocks, up to some seconds for a long PDF.

    Its kind is told by the ending of its name. Raises BadInputError, with a sentence for the
    owner, for everything that cannot be read.
    """
    data = _bytes(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        endings = ", ".join(_READERS)
        message = f"{path} is none of the documents that can be read ({endings}); convert it first."
        raise BadInputError(message)
    return reader(path, data)


def _bytes(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise BadInputError(f"{path} is a folder; name the files in it one by one.")
        if not stat.S_ISREG(mode):
            raise BadInputError(f"{path} is no ordinary file, so it cannot be read.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise BadInputError(f"There is no file {path}; check its name.") from error
    except OSError as error:
        why = error.strerror or "the disk does not answer"
        raise BadInputError(f"{path} cannot be opened: {why}.") from error
    except ValueError as error:
        raise BadInputError(f"{str(path)!r} is no name of a file.") from error
    if len(data) > MAX_BYTES:
        most = MAX_BYTES // 1_000_000
        raise BadInputError(f"{path} is larger than {most} MB; split it and add the parts.")
    return data
