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

# What some database refuses in text: NUL and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

NAME_LENGTH = 500
"""How long a name may be: what is longer does not fit into an index of some database."""

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain that the next event is added to."""

    position: int = 0
    hash: str = GENESIS
    at: datetime = BEFORE_ALL


def seal(new: NewEvent, head: Head, *, version: int, now: datetime, name: str) -> Event:
    """Return `new` as the event after `head`, with the id `name`; time never runs backwards.

    Raises BadInputError for payloads that are not JSON.
    """
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


def is_name(text: str) -> bool:
    """Whether every database can store and index `text`."""
    return len(text) <= NAME_LENGTH and not _UNSTORABLE.search(text)


def check_names(events: Sequence[NewEvent], expect: Mapping[str, int] | None) -> None:
    """Raise BadInputError for a name in an append that some database cannot store or index."""
    for stream in expect or ():
        _check("stream", stream)
    for event in events:
        _check("stream", event.stream)
        _check("goal", event.goal)
        _check("actor", event.actor)
        _check("causation", event.causation)
        _check("key", event.key)


def _check(field: str, value: str | None) -> None:
    if value is not None and not is_name(value):
        message = (
            f"The {field} {value[:40]!r} of an event is longer than {NAME_LENGTH} characters, "
            f"or holds one that cannot be stored."
        )
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
