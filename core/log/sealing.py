"""Seal a new event into the chain: position, version, time and hashes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.domain.canonical import canonical, sha256
from core.domain.erasable import inflate, refs_of
from core.domain.errors import BadInputError
from core.domain.events import GENESIS, Event, NewEvent, stamp

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What some database refuses in a name: NUL and halves of surrogate pairs."""

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain that the next event is added to."""

    position: int = 0
    hash: str = GENESIS
    at: datetime = BEFORE_ALL


def seal(new: NewEvent, head: Head, *, version: int, now: datetime, name: str) -> Event:
    """Return `new` as the event after `head`, with the id `name`; time never runs backwards.

    Raises BadInputError for names that cannot be stored and for payloads that are not JSON.
    """
    _check_names(new)
    at = max(now.astimezone(UTC), head.at)
    fields: dict[str, Any] = {
        "position": head.position + 1,
        "id": name,
        "stream": new.stream,
        "version": version,
        "type": new.payload.wire,
        "goal": new.goal,
        "actor": new.actor,
        "payload": new.payload.model_dump(mode="json"),
        "causation": new.causation,
        "key": new.key,
        "prev": head.hash,
    }
    try:
        digest = sha256(canonical({**fields, "at": stamp(at)}))
    except (ValueError, TypeError) as error:
        message = f"The event {new.payload.wire!r} holds a value that is not JSON: {error}."
        raise BadInputError(message) from error
    return Event(**fields, at=at, hash=digest)


def _check_names(new: NewEvent) -> None:
    names = {
        "stream": new.stream,
        "goal": new.goal,
        "actor": new.actor,
        "causation": new.causation,
        "key": new.key,
    }
    for field, value in names.items():
        if value is not None and UNSTORABLE.search(value):
            message = f"The {field} {value!r} of an event holds a character that cannot be stored."
            raise BadInputError(message)


def wanted_refs(events: Sequence[Event]) -> list[str]:
    """Return the content references of the events, each once."""
    return list(dict.fromkeys(ref for event in events for ref in refs_of(event.payload)))


def inflate_all(events: Sequence[Event], values: Mapping[str, Any]) -> tuple[Event, ...]:
    """Return the events with the erasable text of `values` filled in."""
    return tuple(
        event.model_copy(update={"payload": inflate(event.payload, values)}) for event in events
    )


def seals_of(wire: object) -> Iterator[tuple[str, str]]:
    """Yield (ref, sha256) of every content reference inside a payload in wire form."""
    if isinstance(wire, Mapping):
        if wire.keys() == {"ref", "sha256"}:
            yield wire["ref"], wire["sha256"]
            return
        for item in wire.values():
            yield from seals_of(item)
    elif isinstance(wire, list | tuple):
        for item in wire:
            yield from seals_of(item)
