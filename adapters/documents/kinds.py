"""What a file is: by its name, by its first bytes, and by what its sender says it is."""

import re
from pathlib import Path

from adapters.documents.office import OLD, OTHERS, kind_of

TEXTS = (".text", ".log", ".json", ".xml", ".yaml", ".yml")
_MEDIA = {
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
}
_LOOKED_AT = 100_000
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_RICH = b"{\\rtf"


def ending_of(path: Path, media_type: str, data: bytes) -> str:
    """Return the ending that a file should have, empty where that is not certain.

    Asked when its own says nothing. What it begins with counts more than what its sender says,
    and what is no more than text to the eye is read as text.
    """
    if data.startswith(b"%PDF-"):
        return ".pdf"
    office = kind_of(data)
    if office is not None:
        return office.ending
    if data.startswith((OLD, _RICH)) or path.suffix.lower() in OTHERS or not _is_text(data):
        return ""
    return _MEDIA.get(media_type.partition(";")[0].strip().lower(), ".txt")


def _is_text(data: bytes) -> bool:
    """Tell whether the beginning of a file is UTF-8 without the signs that programs use."""
    head = data[:_LOOKED_AT]
    if _CONTROLS.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The last letter may be cut in two.
        return len(data) > _LOOKED_AT and error.start > _LOOKED_AT - 4
    return True
