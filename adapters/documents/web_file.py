"""Web pages, saved or fetched: the article, without the menus around it."""

import logging
from pathlib import Path

from adapters.documents.document import Document, cleaned, named, on_one_line
from core.domain.errors import BadInputError


def from_page(address: str, data: bytes) -> Document:
    """Return the article of a page that was fetched as markdown; its links stay, made whole.

    Raises BadInputError for one that cannot be read; one without words has an empty text.
    """
    import trafilatura

    # It reports pages without words, which is our caller's to say, if anybody's.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        tree = trafilatura.load_html(data)
        title = tree.findtext(".//title") if tree is not None else None
        text = trafilatura.extract(
            data,
            url=address,
            output_format="markdown",
            include_links=True,
            include_comments=False,
        )
        text = cleaned(text or trafilatura.html2txt(data) or "")
    except Exception as error:
        message = f"The page {address} is broken and cannot be read."
        raise BadInputError(message) from error
    return Document(on_one_line(title or ""), text.strip(), "html")


def from_html(path: Path, data: bytes) -> Document:
    """Return the article of a page as markdown; links are left out, their words stay."""
    import trafilatura

    # It reports pages without words, which is said below.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        tree = trafilatura.load_html(data)
        if tree is None:  # what was copied out of a page lacks the frame that is asked for
            data = b"<html><body>" + data + b"</body></html>"
            tree = trafilatura.load_html(data)
        title = tree.findtext(".//title") if tree is not None else None
        text = trafilatura.extract(
            data, output_format="markdown", include_comments=False, favor_recall=True
        )
        text = cleaned(text or trafilatura.html2txt(data) or "")
    except Exception as error:
        message = f"{path} is broken and cannot be read; save the page again."
        raise BadInputError(message) from error
    if not text.strip():
        message = f"{path} has no text to read: its words may be made by scripts; save it as a PDF."
        raise BadInputError(message)
    return Document(named(title or "", path.stem), text, "html")
