"""The parameters of a request, as a query, a form, JSON or multipart gives them."""

import json
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from tests.servers.telegram.errors import bad
from tests.servers.telegram.keyboard import decoded
from tests.servers.telegram.model import Json


class Upload(NamedTuple):
    """A file sent with a request."""

    name: str
    data: bytes


class Params:
    """What a method was asked with; numbers and flags may be text, objects may be JSON text."""

    def __init__(self, values: Mapping[str, object], uploads: Mapping[str, Upload]) -> None:
        self.method = ""
        self.values = dict(values)
        self.uploads = dict(uploads)

    def text(self, name: str) -> str:
        """Return a text, empty when it was not given."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a number; what is none is the default, as Telegram reads it."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """Return a flag."""
        return self.text(name).lower() in {"true", "yes", "1"}

    def json(self, name: str, what: str) -> object:
        """Return a value that forms carry as JSON text, None when it was not given."""
        value = self.values.get(name)
        return None if value in (None, "") else decoded(value, what)

    def shown(self) -> Json:
        """Return the parameters for the record, decoded where they are JSON."""
        return {name: _opened(value) for name, value in self.values.items()} | {
            name: upload for name, upload in self.uploads.items() if name not in self.values
        }


def _opened(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def read_params(query: str, content_type: str, body: bytes) -> Params:
    """Read what a request carries."""
    values: dict[str, object] = dict(parse_qsl(query, keep_blank_values=True))
    uploads: dict[str, Upload] = {}
    if content_type.startswith("multipart/form-data"):
        _read_parts(content_type, body, values, uploads)
    elif content_type.startswith("application/json"):
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            raise bad("can't parse JSON object") from None
        values |= given if isinstance(given, dict) else {}
    elif body:
        values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return Params(values, uploads)


def _read_parts(
    content_type: str, body: bytes, values: dict[str, object], uploads: dict[str, Upload]
) -> None:
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, _, data = part.partition(b"\r\n\r\n")
        if part.startswith(b"--"):
            return
        fields = dict(
            piece.strip().partition("=")[::2]
            for line in head.decode().splitlines()
            if line.lower().startswith("content-disposition")
            for piece in line.split(";")[1:]
        )
        name = fields.get("name", "").strip('"')
        if "filename" in fields:
            uploads[name] = Upload(fields["filename"].strip('"'), data)
        else:
            values[name] = data.decode()
