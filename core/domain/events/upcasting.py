"""Read events of earlier programs: each has the newest form of its type wherever it is read.

The stored bytes stay as they are, since the hashes are of them. A log that was written by any
published version opens for ever (docs/adr/0013-old-logs.md).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from operator import is_
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from core.domain.base import JsonObject
from core.domain.erasable import Erasable
from core.domain.errors import UnreadableEventError
from core.domain.events.base import PAYLOADS, Event, Payload

REVISION = 1
"""Counts the changes of what is published, further types, fields and choices included.

A database keeps the highest revision that opened it, so that an older program refuses it.
"""


@dataclass(frozen=True, slots=True)
class Upcaster:
    """How an event of an old type is read: as the type `to`, with the payload of `change`."""

    to: str
    change: Callable[[Event], JsonObject]


UPCASTERS: dict[str, Upcaster] = {}
"""By the wire name of the old type; each leads one version on."""


def _model_called(event: Event) -> JsonObject:
    """Before 24 November 2026 a call had no day of its owner, and two more outcomes."""
    outcomes = {"invalid": "refused", "cancelled": "unknown"}
    outcome = event.payload.get("outcome")
    if "day" in event.payload and outcome not in outcomes:
        return event.payload
    day = event.at.date().isoformat()
    return {"day": day, **event.payload, "outcome": outcomes.get(str(outcome), outcome)}


def _budget_exceeded(event: Event) -> JsonObject:
    """Before 24 November 2026 a refusal named its cap, and not the scope of it."""
    if "scope" in event.payload:
        return event.payload
    day, cap = event.at.date().isoformat(), str(event.payload.get("cap"))
    scopes = {"day": f"day:{day}", "month": f"month:{day[:7]}"}
    return {"scope": scopes.get(cap, f"{cap}:{event.goal}"), **event.payload}


EARLY_FORMS: dict[str, Callable[[Event], JsonObject]] = {
    "model.called.v1": _model_called,
    "budget.exceeded.v1": _budget_exceeded,
}
"""What was changed in place before the types were frozen; nothing is added here any more."""


def current(event: Event) -> Event:
    """Return the event in the newest form of its type; the same object where it has that.

    A type that nobody knows stays as it is.
    """
    kind, payload = event.type, event.payload
    if (mend := EARLY_FORMS.get(kind)) is not None:
        payload = mend(event)
    while (upcaster := UPCASTERS.get(kind)) is not None:
        payload = upcaster.change(event.read_as(kind, payload))
        kind = upcaster.to
    model = PAYLOADS.get(kind)
    if model is not None:
        payload = _form(model)(payload)
    if kind == event.type and payload is event.payload:
        return event
    return event.read_as(kind, payload)


def stored_names(kind: str) -> tuple[str, ...]:
    """Return the types that are read as `kind`, itself first."""
    older = (name for old, it in UPCASTERS.items() if it.to == kind for name in stored_names(old))
    return kind, *older


def is_known(kind: str) -> bool:
    """Whether this program can read events that are stored under the type `kind`."""
    return kind in PAYLOADS or kind in UPCASTERS


def decode(event: Event) -> Payload:
    """Return the typed payload of an event whose content has been inflated or not.

    Raises UnreadableEventError for a type that nobody registered, or a payload that is none of it.
    """
    event = current(event)
    model = PAYLOADS.get(event.type)
    if model is None:
        raise UnreadableEventError(event.position, event.type)
    try:
        return model.model_validate(event.payload)
    except ValidationError as error:
        raise UnreadableEventError(event.position, event.type, first_problem(error)) from error


def readable(events: Iterable[Event]) -> Iterator[Payload]:
    """Yield the typed payloads of the events that can be read."""
    for event in events:
        with suppress(UnreadableEventError):
            yield decode(event)


def first_problem(error: ValidationError) -> str:
    """Return where the first problem is and what it is, without the value, which may be secret."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where or 'the payload'}: {first['msg'][:1].lower()}{first['msg'][1:]}"


Complete = Callable[[Any], Any]
"""Returns a JSON value with what is absent in it; the same object where nothing is."""


@cache
def _form(model: type[BaseModel]) -> Complete:
    """Return what completes an object of this model by the defaults of absent fields."""
    optional = [name for name, it in model.model_fields.items() if not it.is_required()]
    empty = model.model_construct()
    defaults = [
        (name, value)
        for name, value in empty.model_dump(mode="json", warnings=False).items()
        if name in optional
    ]
    fields = {name: _shape(it.annotation) for name, it in model.model_fields.items()}
    inside = [(name, complete) for name, complete in fields.items() if complete is not None]

    def completed(payload: Any) -> Any:  # noqa: ANN401 - whatever JSON is stored there
        if not isinstance(payload, dict):
            return payload
        newer = {name: value for name, value in defaults if name not in payload}
        for name, complete in inside:
            value = payload.get(name)
            if value and (whole := complete(value)) is not value:
                newer[name] = whole
        return {**payload, **newer} if newer else payload

    return completed


def _shape(kind: Any) -> Complete | None:  # noqa: ANN401 - any annotation
    """Return what completes the models in a value of this type; None where there are none."""
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return None if kind is Erasable else _form(kind)
    if origin in {Union, UnionType}:
        return next(filter(None, map(_shape, args)), None)
    if origin is Annotated or origin is tuple:
        each = _shape(args[0])
        return each if origin is Annotated or each is None else partial(_list, each)
    if origin is dict:
        each = _shape(args[1])
        return None if each is None else partial(_map, each)
    return None


def _list(each: Complete, value: Any) -> Any:  # noqa: ANN401 - whatever JSON is stored there
    if not isinstance(value, list):
        return value
    whole = [each(item) for item in value]
    return value if all(map(is_, whole, value)) else whole


def _map(each: Complete, value: Any) -> Any:  # noqa: ANN401 - whatever JSON is stored there
    if not isinstance(value, dict):
        return value
    whole = {name: each(item) for name, item in value.items()}
    return value if all(map(is_, whole.values(), value.values())) else whole
