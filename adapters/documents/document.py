"""A file, what it became, its text made fit to be stored, and what is said where it cannot be."""

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.domain import visible
from core.domain.errors import BadInputError

DocumentKind = Literal["markdown", "text", "html", "pdf", "word", "excel", "powerpoint", "mail"]
MAX_BYTES = 20_000_000
MAX_TITLE = 120
MAX_TEXT = 2_000_000
"""Characters of a document that are of use: a book has half of that."""
_NAMED = 5
_NO_MEMORY = 2
_MARKUP = re.compile(r"^[ \t]*(?:`{3,}|~{3,}|(?:={2,}|-{2,})[ \t]*$)", re.MULTILINE)
_SIGN = re.compile(r"^([ \t]*)(#{1,6})(?=[ \t])", re.MULTILINE)
_MADE_UP = re.compile(
    r"^(?:untitled|microsoft word\b|(?:document|presentation)\d*$|powerpoint.presentation$"
    r"|.*\.(?:docx?|pptx?|tex|indd|dvi)$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Document:
    """Title and text of a file; the text is markdown but for plain text.

    `note` is a sentence for the owner about what could not be read as it should, mostly empty.
    """

    title: str
    text: str
    kind: DocumentKind
    note: str = ""


def cleaned(text: str) -> str:
    """Return the text without what no reader sees; where a page ends, a line is empty."""
    return visible.cleaned(text.replace("\f", "\n\n")).strip("\n")


def named(title: str, stem: str) -> str:
    """Return a title on one line; a document without one has the name of its file."""
    words = on_one_line(title) or on_one_line(stem.replace("_", " ")) or "Untitled"
    return words if len(words) <= MAX_TITLE else words[: MAX_TITLE - 1] + "…"


def on_one_line(text: str) -> str:
    """Return the text cleaned, with single blanks between its words."""
    return " ".join(cleaned(text).split())


def chosen(title: str) -> str:
    """Return a title that somebody chose, nothing for one that a program put there."""
    return "" if _MADE_UP.match(title.strip()) else title


def prose(text: str) -> str:
    """Return cleaned text without what would pass for a heading of ours."""
    return _SIGN.sub(r"\1#\2", _MARKUP.sub("", cleaned(text)))


def without_text(path: Path, what: str, numbers: Sequence[int]) -> str:
    """Return the note on pages or slides that have no text, nothing where there are none."""
    if not numbers:
        return ""
    shown = ", ".join(str(number) for number in numbers[:_NAMED])
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    which = f"{what} {shown}" if len(numbers) == 1 else f"{what}s {shown}{more}"
    return f"{path.name} has no text that can be read on {which}."


def shortened(path: Path) -> str:
    """Return the note on a file that was not read to its end."""
    return f"Only the first {MAX_TEXT:,} characters of {path.name} were read."


def too_long(path: Path) -> BadInputError:
    """Return what is raised for a file of more than `MAX_BYTES`."""
    most = MAX_BYTES // 1_000_000
    return BadInputError(f"{path} is larger than {most} MB; split it and use the parts.")


def broken(path: Path | str, error: Exception | None = None) -> BadInputError:
    """Return what is raised for a file that a library failed to read, with this error.

    libxml2 numbers its own errors: it does not raise MemoryError.
    """
    if isinstance(error, MemoryError) or getattr(error, "code", None) == _NO_MEMORY:
        return too_large(path)
    return BadInputError(f"{path} is broken and cannot be read; save or download it again.")


def too_large(path: Path | str) -> BadInputError:
    """Return what is raised for a file that grows beyond measure when it is opened."""
    return BadInputError(f"{path} unpacks to more than can be read; split it and use the parts.")


def locked(path: Path) -> BadInputError:
    """Return what is raised for a file that only a password opens."""
    return BadInputError(f"{path} is locked with a password; save a copy without one and use that.")


def load(path: Path) -> bytes:
    """Return what is in a file on this machine; nothing of it is looked at.

    Raises BadInputError, with a sentence for the owner, for what is no file that can be read.
    """
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
