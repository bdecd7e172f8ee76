"""The text of a PDF, page by page."""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.documents.document import (
    Document,
    broken,
    chosen,
    locked,
    named,
    prose,
    without_text,
)
from core.domain.errors import BadInputError

if TYPE_CHECKING:
    from pypdf import PdfReader

_HEADER = 1024
_REPEATED = 3
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])(?:\xad|-)[ \t]*\n(?=[^\W\d_A-Z])")
_NUMBER = re.compile(
    r"^\W*+(?:page|seite)?\s*+(\d{1,4})(?:\s*+(?:/|of|von)\s*+\d{1,4})?\W*+$", re.IGNORECASE
)


def from_pdf(path: Path, data: bytes) -> Document:
    """Return the pages that have text, each under the heading `Page N`."""
    # It reports what it mends; what cannot be mended is said below.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    if b"%PDF-" not in data[:_HEADER]:
        message = f"{path} is no PDF, whatever its name says; give it its right ending first."
        raise BadInputError(message)
    reader = _opened(path, data)
    pages = _pages(path, reader)
    found = _without_running_lines([_prose(page) for page in pages])
    if not any(char.isalnum() for page in found for char in page):
        message = (
            f"{path} has no text, only pictures of it;"
            " run it through text recognition (such as ocrmypdf) first."
        )
        raise BadInputError(message)
    text = "\n\n".join(f"# Page {n}\n\n{page}" for n, page in enumerate(found, 1) if page.strip())
    empty = [number for number, page in enumerate(found, 1) if not page.strip()]
    note = without_text(path, "page", empty)
    return Document(named(_title(reader), path.stem), text, "pdf", note)


def _opened(path: Path, data: bytes) -> "PdfReader":
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    try:
        reader = PdfReader(BytesIO(data), strict=False)
        # Many files are locked for changes only: they open with an empty password.
        closed = reader.is_encrypted and not reader.decrypt("")
    except DependencyError:
        closed = True
    except Exception as error:
        raise broken(path, error) from error
    if closed:
        raise locked(path)
    return reader


def _pages(path: Path, reader: "PdfReader") -> list[str]:
    """Return the text of all pages; one that is broken is empty, as long as others are not."""
    found: list[str] = []
    wrong: Exception | None = None
    try:
        count = len(reader.pages)
    except Exception as error:
        raise broken(path, error) from error
    for number in range(count):
        try:
            found.append(reader.pages[number].extract_text())
        except Exception as error:  # noqa: BLE001 - a page may break in any way
            wrong = error
            found.append("")
    if not count or (wrong is not None and not any(page.strip() for page in found)):
        raise broken(path, wrong) from wrong
    return found


def _prose(page: str) -> str:
    """Return a page with words whole again, and without what would pass for a heading of ours."""
    return prose(_BROKEN_WORD.sub("", page.replace("\r\n", "\n")))


def _without_running_lines(pages: Sequence[str]) -> list[str]:
    """Drop page numbers, and the head and foot that most pages share but for their first place."""
    split = [page.strip().split("\n") for page in pages]
    edges = Counter(line.strip() for page in split for line in {*page[:1], *page[-1:]})
    most = max(_REPEATED, len(pages) // 2 + 1)
    running = {line for line, times in edges.items() if line and times >= most}
    seen: set[str] = set()
    return ["\n".join(_kept(page, n, running, seen)) for n, page in enumerate(split, 1)]


def _kept(lines: list[str], page: int, running: set[str], seen: set[str]) -> list[str]:
    kept = list(lines)
    for end in (0, -1):
        number = _NUMBER.match(kept[end]) if len(kept) > 1 else None
        if number and int(number[1]) == page:
            kept.pop(end)
        line = kept[end].strip() if kept else ""
        if line in running and line in seen:
            kept.pop(end)
        elif line in running:
            seen.add(line)
    return kept


def _title(reader: "PdfReader") -> str:
    try:
        title = (reader.metadata.title if reader.metadata else None) or ""
    except Exception:  # noqa: BLE001 - the name of the file will do
        return ""
    return chosen(title)
