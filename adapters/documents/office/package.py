"""Office files before a library opens them: what they are, and whether they are safe to unpack."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from adapters.documents.document import broken, locked, too_large
from core.domain.errors import BadInputError

ZIP = b"PK\x03\x04"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Office before 2007 begin, and newer ones that have a password."""
_LOCKED = "EncryptedPackage".encode("utf-16-le")
MAX_PARTS = 20_000
MAX_UNPACKED = 400_000_000
MAX_TREE = 60_000_000
"""Bytes of all parts together, and of one part of XML: held as a tree it is ten times as large."""


class Office(NamedTuple):
    """A kind of office file: its name, its ending, and a part that every one of them has."""

    name: str
    ending: str
    part: str


WORD = Office("Word document", ".docx", "word/document.xml")
EXCEL = Office("Excel file", ".xlsx", "xl/workbook.xml")
POWERPOINT = Office("PowerPoint file", ".pptx", "ppt/presentation.xml")

OTHERS = {
    **dict.fromkeys((".doc", ".dot", ".docm", ".dotx", ".odt", ".ott", ".rtf", ".pages"), WORD),
    **dict.fromkeys((".xls", ".xlt", ".xlsb", ".xltx", ".ods", ".ots", ".numbers"), EXCEL),
    **dict.fromkeys((".ppt", ".pps", ".pot", ".ppsx", ".potx", ".odp", ".otp"), POWERPOINT),
}
"""Endings of files that are not read, and what their program can save them as."""
OPEN_DOCUMENT = {b"text": WORD, b"spreadsheet": EXCEL, b"presentation": POWERPOINT}
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Make a sentence of whatever a library raises; its warnings are for programmers.

    Raises BadInputError.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BadInputError:
        raise
    except Exception as error:
        raise broken(path, error) from error


def kind_of(data: bytes) -> Office | None:
    """Return the kind of a whole office file of today, None for everything else."""
    if not data.startswith(ZIP):
        return None
    try:
        with zipfile.ZipFile(BytesIO(data)) as file:
            names = set(file.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    return next((kind for kind in (WORD, EXCEL, POWERPOINT) if kind.part in names), None)


def other(path: Path, data: bytes) -> BadInputError | None:
    """Return the sentence for an office file of a kind that is not read, told by its content."""
    if data.startswith(OLD):
        kind = OTHERS.get(path.suffix.lower())
        wanted = kind.ending if kind else ".docx, .xlsx, .pptx"
        return locked(path) if _LOCKED in data else unread(path, wanted)
    if data.startswith(ZIP) and data[30:].startswith(_OPEN_DOCUMENT):
        rest = data[30 + len(_OPEN_DOCUMENT) :]
        kind = next((it for word, it in OPEN_DOCUMENT.items() if rest.startswith(word)), WORD)
        return unread(path, kind.ending)
    return None


def unread(path: Path, wanted: str) -> BadInputError:
    """Return what is raised for a file that has to be saved in another form first."""
    return BadInputError(
        f"{path} is of a kind that is not read; save it as {wanted} or PDF and use that."
    )


def check(path: Path, data: bytes, kind: Office, *, tree: bool = True) -> None:
    """Raise BadInputError for what is no file of this kind, or unpacks to more than is safe.

    The sizes are those that the file states of itself: no more than that is unpacked of a part.
    `tree` is for a library that holds each part whole.
    """
    found = other(path, data)
    if found is not None:
        raise found
    if not data.startswith(ZIP) or kind_of(data) not in {None, kind}:
        raise BadInputError(
            f"{path} is no {kind.name}, whatever its name says; give it its right ending first."
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as file:
            parts = file.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise broken(path) from error
    largest = max(
        (it.file_size for it in parts if it.filename.endswith((".xml", ".rels"))), default=0
    )
    if (
        len(parts) > MAX_PARTS
        or sum(it.file_size for it in parts) > MAX_UNPACKED
        or (tree and largest > MAX_TREE)
    ):
        raise too_large(path)
