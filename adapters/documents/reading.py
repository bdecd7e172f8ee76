"""A file becomes a document, or one sentence that says why it cannot."""

import stat
from collections.abc import Callable
from pathlib import Path

from adapters.documents.document import MAX_BYTES, Document, too_long
from adapters.documents.excel_file import from_xlsx
from adapters.documents.kinds import TEXTS, ending_of
from adapters.documents.mail_file import from_eml
from adapters.documents.office import OTHERS, other, unread
from adapters.documents.pdf_file import from_pdf
from adapters.documents.slides_file import from_pptx
from adapters.documents.tables import from_csv
from adapters.documents.text_file import from_markdown, from_text
from adapters.documents.web_file import from_html
from adapters.documents.word_file import from_docx
from core.domain.errors import BadInputError

_READERS: dict[str, Callable[[Path, bytes], Document]] = {
    ".md": from_markdown,
    ".markdown": from_markdown,
    ".txt": from_text,
    **dict.fromkeys(TEXTS, from_text),
    ".csv": from_csv,
    ".tsv": from_csv,
    ".html": from_html,
    ".htm": from_html,
    ".eml": from_eml,
    ".docx": from_docx,
    ".xlsx": from_xlsx,
    ".xlsm": from_xlsx,
    ".pptx": from_pptx,
    ".pdf": from_pdf,
}


def read_document(path: Path) -> Document:
    """Return the title and text of a file; blocks, up to some seconds for a long PDF.

    Raises BadInputError, with a sentence for the owner, for everything that cannot be read.
    """
    return read_bytes(path, load(path))


def read_bytes(path: Path, data: bytes, media_type: str = "") -> Document:
    """Return the title and text of a file that was read already; sentences name it by its path.

    Its kind is told by the ending of its name, and where that says nothing by what is in it.
    Raises BadInputError as above.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        reader = _READERS.get(ending_of(path, media_type, data))
    if reader is None:
        raise _unknown(path, data)
    return reader(path, data)


def _unknown(path: Path, data: bytes) -> BadInputError:
    """Return what is raised for a file that there is no reader for."""
    found = other(path, data)
    kind = OTHERS.get(path.suffix.lower())
    if found is not None:
        return found
    if kind is not None:
        return unread(path, kind.ending)
    endings = ", ".join(_READERS)
    return BadInputError(
        f"{path} is none of the documents that can be read ({endings}); convert it first."
    )


def load(path: Path) -> bytes:
    """Return the bytes of a file that may be a document. Raises BadInputError."""
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
        raise too_long(path)
    return data
