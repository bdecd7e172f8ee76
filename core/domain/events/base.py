"""The envelope of the log and the registry of payload types.

A payload class is published under its wire name (`card.decided.v1`) and is never edited afterwards,
but for further fields with a default, which older events read as: any other change is a new class
under the next version, and an upcaster that turns the old form into it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from core.domain.base import Frozen, JsonObject
from core.domain.canonical import canonical, sha256
from core.domain.errors import BugError

GENESIS = "0" * 64


class Payload(Frozen):
    """What happened; subclasses register themselves under `wire`."""

    wire: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own hook
        """Register the class under its wire name, once."""
        super().__init_subclass__(**kwargs)
        if cls.wire in PAYLOADS:
            message = f"Two payloads claim the wire name {cls.wire!r}."
            raise BugError(message)
        PAYLOADS[cls.wire] = cls


PAYLOADS: dict[str, type[Payload]] = {}
Upcaster = Callable[[JsonObject], tuple[str, JsonObject]]
UPCASTERS: dict[str, Upcaster] = {}


class NewEvent(Frozen):
    """An event before it is appended: the log adds position, version, time and hashes."""

    stream: str
    payload: Payload
    goal: str | None = None
    actor: str = "equerry"
    causation: str | None = None
    key: str | None = None


class Event(Frozen):
    """One line of the log. `payload` is the wire form; erasable text is a reference in it."""

    position: int
    id: str
    stream: str
    version: int
    type: str
    goal: str | None
    actor: str
    at: datetime
    payload: JsonObject
    causation: str | None
    key: str | None
    prev: str
    hash: str

    def wire(self) -> JsonObject:
        """Return the event as the log's JSON line: `at` is ISO 8601, UTC, microseconds."""
        return {**self.__dict__, "at": stamp(self.at)}

    def expected_hash(self) -> str:
        """Return the hash that this event must carry, from everything but the hash itself."""
        body = self.wire()
        del body["hash"]
        return sha256(canonical(body))


def stamp(at: datetime) -> str:
    """Return `at` in UTC as ISO 8601 with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def upcast(kind: str, payload: JsonObject) -> tuple[str, JsonObject]:
    """Return the newest type name and payload for a stored one."""
    while kind in UPCASTERS:
        kind, payload = UPCASTERS[kind](payload)
    return kind, payload


def decode(event: Event) -> Payload:
    """Return the typed payload of an event whose content has been inflated or not.

    Raises BugError for a type that nobody registered.
    """
    kind, payload = upcast(event.type, event.payload)
    model = PAYLOADS.get(kind)
    if model is None:
        message = f"Event {event.position} has the unknown type {kind!r}."
        raise BugError(message)
    return model.model_validate(payload)
