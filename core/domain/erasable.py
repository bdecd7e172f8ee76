"""Text that may have to be erased: events keep a salted hash, the content table keeps the value.

Erasing a row of the content table erases the text everywhere; the hash chain still verifies.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, Field, PrivateAttr

from core.domain.base import Frozen, JsonObject
from core.domain.canonical import canonical, sha256
from core.domain.errors import UnreadableValueError
from core.domain.whole_text import stored_json, whole_text

ERASED = "[erased]"


class Content(Frozen):
    """A row of the content table; `body` is canonical JSON, or None once it is erased."""

    ref: str
    salt: str
    body: str | None


class Erasable(Frozen):
    """A JSON value that lives outside the event; `value` is None when it was erased."""

    ref: str
    sha256: str
    value: Any = Field(default=None, exclude=True)
    _salt: str | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, value: Any, salt: str | None = None) -> Self:  # noqa: ANN401 - any JSON value
        """Seal `value` under a fresh random salt (or a given one, for tests).

        Broken characters in it become U+FFFD. Raises BadInputError for what is no JSON.
        """
        salt = salt or secrets.token_hex(16)
        value, encoded = stored_json(value)
        digest = sha256(salt + encoded)
        sealed = cls(ref=f"c{digest[:24]}", sha256=digest, value=value)
        sealed._salt = salt
        return sealed

    @property
    def text(self) -> str:
        """The value as text; `[erased]` when it is gone."""
        return ERASED if self.value is None else str(self.value)

    @property
    def fields(self) -> JsonObject:
        """The value as a JSON object, empty when it is gone.

        Raises UnreadableValueError where another value was put in its place.
        """
        if self.value is not None and not isinstance(self.value, dict):
            raise UnreadableValueError(self.ref)
        return self.value or {}

    def content(self) -> Content | None:
        """Return the row to store, or None for a value that was read back."""
        if self._salt is None:
            return None
        return Content(ref=self.ref, salt=self._salt, body=canonical(self.value))


def contents_of(value: object) -> Iterator[Content]:
    """Yield the content rows of every erasable value inside a model."""
    if isinstance(value, Erasable):
        row = value.content()
        if row is not None:
            yield row
        return
    for item in _parts(value):
        yield from contents_of(item)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, BaseModel):
        return [getattr(value, name) for name in type(value).model_fields]
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def refs_of(wire: object) -> Iterator[str]:
    """Yield the content references inside a payload in wire form."""
    if isinstance(wire, str):  # most of a payload
        return
    if isinstance(wire, Mapping):
        if wire.keys() == {"ref", "sha256"}:
            yield wire["ref"]
            return
        for item in wire.values():
            yield from refs_of(item)
    elif isinstance(wire, list | tuple):
        for item in wire:
            yield from refs_of(item)


def inflate(wire: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the wire payload with each reference carrying its value from `values`.

    Halves of characters, which earlier versions stored, are replaced.
    """
    if isinstance(wire, dict):
        if wire.keys() == {"ref", "sha256"}:
            return {**wire, "value": values.get(wire["ref"])}
        return {whole_text(key): inflate(item, values) for key, item in wire.items()}
    if isinstance(wire, list):
        return [inflate(item, values) for item in wire]
    return whole_text(wire) if isinstance(wire, str) else wire
