"""What came back, as plain values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

from core.domain.canonical import canonical

OK, REDIRECT, BAD, SERVER_ERROR = 200, 300, 400, 500
BUSY = frozenset({408, 425, 429, 503})
"""Answers by which a server says that it did not deal with the request (RFC 9110, RFC 6585)."""


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
        """The charset that the header names."""
        header = Message()
        header["content-type"] = self.headers.get("content-type", "")
        found = header.get_param("charset")
        return found if isinstance(found, str) else None

    def text(self) -> str:
        """Return the body as text; what does not decode is replaced."""
        try:
            return self.body.decode(self.charset or "utf-8", "replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the body as JSON; raises ValueError when it is none that can be kept."""
        try:
            value = json.loads(self.body, parse_constant=_no_constant)
            canonical(value).encode()  # half characters (lone surrogates) cannot be stored
            return value
        except RecursionError as error:
            message = "nested too deeply"
            raise ValueError(message) from error

    def retry_after(self, now: float) -> float | None:
        """Return the pause the server asks for in seconds; `now` is a POSIX time."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value[:9])
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - now)
        except ValueError:
            return None


def _no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(name)
