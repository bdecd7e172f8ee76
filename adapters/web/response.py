"""What came back, as plain values."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any

from core.domain.errors import BadInputError
from core.domain.retry_after import parse_retry_after
from core.domain.whole_text import read_json

OK, REDIRECT, BAD, SERVER_ERROR = 200, 300, 400, 500
BUSY = frozenset({408, 425, 429, 503})
"""Answers by which a server says that it did not deal with the request (RFC 9110, RFC 6585)."""

_NAMES = """
ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5
iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15
iso8859-16 cp866 cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8-r koi8-u
mac-roman mac-cyrillic gb2312 gbk gb18030 big5 big5hkscs euc_jp iso2022_jp shift_jis cp932 euc_kr
cp949
"""
_CHARSETS = frozenset(_NAMES.split())
"""What pages are written in (WHATWG Encoding 4.2): Python knows more, and some of those, such as
`punycode`, take minutes for a body, or give halves of characters."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response; `headers` are in lower case, `complete` is False when the body was cut off."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    complete: bool = True

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case, such as `text/html`."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The charset that the header names, by its name in Python; None for none of the web's."""
        header = Message()
        header["content-type"] = self.headers.get("content-type", "")
        try:
            found = header.get_param("charset")
            known = codecs.lookup(found).name if isinstance(found, str) else ""
        except (LookupError, ValueError):
            return None
        return known if known in _CHARSETS else None

    def text(self) -> str:
        """Return the body as text; what does not decode is replaced."""
        return self.body.decode(self.charset or "utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the body as JSON; raises ValueError when it is none that can be kept."""
        try:
            return read_json(self.body)
        except BadInputError as error:
            raise ValueError(str(error)) from error

    def retry_after(self, now: datetime) -> float | None:
        """Return the pause from `now` that the server asks for, in seconds."""
        return parse_retry_after(self.headers.get("retry-after", ""), now)
