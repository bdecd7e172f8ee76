"""The words of a page, whatever it came as."""

import logging
from typing import NamedTuple

from adapters.web.response import Response
from adapters.web.words import one_line
from core.domain.errors import RefusedError
from core.domain.visible import cleaned

MAX_TITLE = 200
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = frozenset({"application/json", "application/xml", "application/yaml"})
_SNIFFED = 1024


class Extract(NamedTuple):
    """Title and text; the text of a web page is markdown, with its links."""

    title: str
    text: str


def extract(response: Response) -> Extract:
    """Return what a person would read; CPU-bound, tens of milliseconds for a page.

    Raises RefusedError for what is no text, such as a PDF or a picture.
    """
    media_type = response.media_type or _sniffed(response.body)
    if media_type == "application/pdf" or response.body.startswith(b"%PDF-"):
        message = f"{response.url} is a PDF, which cannot be read; look for a web page instead."
        raise RefusedError(message)
    if media_type in _HTML:
        return _from_html(response)
    plain = media_type.startswith("text/") or media_type.endswith(("+json", "+xml"))
    if not plain and media_type not in _TEXT:
        message = f"{response.url} is no text, so there is nothing to read."
        raise RefusedError(message)
    return Extract("", cleaned(response.text()).strip())


def _sniffed(body: bytes) -> str:
    """Guess the media type of a body that came without one."""
    start = body[:_SNIFFED]
    if b"\0" in start:
        return "application/octet-stream"
    lowered = start.lstrip().lower()
    return "text/html" if lowered.startswith((b"<!doctype html", b"<html")) else "text/plain"


def _from_html(response: Response) -> Extract:
    import trafilatura

    # It reports pages without words, which is our caller's to say, if anybody's.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    # Bytes let the parser find the charset in the page; the header's word counts for more.
    page = response.text() if response.charset else response.body
    try:
        tree = trafilatura.load_html(page)
        title = tree.findtext(".//title") if tree is not None else None
        text = trafilatura.extract(
            page,
            url=response.url,
            output_format="markdown",
            include_links=True,
            include_comments=False,
        )
        text = text or trafilatura.html2txt(page)
    except Exception as error:
        message = f"The page {response.url} is broken and cannot be read."
        raise RefusedError(message) from error
    return Extract(one_line(title or "", MAX_TITLE), cleaned(text).strip())
