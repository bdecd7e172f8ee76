"""Files on this machine, read as the child of `ReaderApart` reads them."""

from pathlib import Path

from adapters.documents.document import Document, load
from adapters.documents.reading import read_bytes


def read_document(path: Path) -> Document:
    """Return the title and text of a file, in this process."""
    return read_bytes(path, load(path))
