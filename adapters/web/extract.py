"""The words of what is no web page; a page is for who reads files of strangers."""

from adapters.web.response import Response
from core.domain.errors import RefusedError
from core.domain.visible import cleaned

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = frozenset({"application/json", "application/xml", "application/yaml"})
_PDF = b"%PDF-"
_SNIFFED = 1024


def is_page(response: Response) -> bool:
    """Whether it is HTML, by its header or where that is silent by how it begins."""
    return _media_type(response) in _HTML and not response.body.startswith(_PDF)


def plain_text(response: Response) -> str:
    """Return the text of what is no web page. Raises RefusedError for a PDF or a picture, say."""
    media_type = _media_type(response)
    if media_type == "application/pdf" or response.body.startswith(_PDF):
        message = f"{response.url} is a PDF, which cannot be read; look for a web page instead."
        raise RefusedError(message)
    plain = media_type.startswith("text/") or media_type.endswith(("+json", "+xml"))
    if not plain and media_type not in _TEXT:
        message = f"{response.url} is no text, so there is nothing to read."
        raise RefusedError(message)
    return cleaned(response.text()).strip()


def _media_type(response: Response) -> str:
    return response.media_type or _sniffed(response.body)


def _sniffed(body: bytes) -> str:
    """Guess the media type of a body that came without one."""
    start = body[:_SNIFFED]
    if b"\0" in start:
        return "application/octet-stream"
    lowered = start.lstrip().lower()
    return "text/html" if lowered.startswith((b"<!doctype html", b"<html")) else "text/plain"
