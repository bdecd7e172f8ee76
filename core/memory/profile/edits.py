"""Changes of a profile, as pure functions: set, add, remove; and what differs, in words."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Literal

from core.domain.errors import BadInputError
from core.memory.profile.model import (
    FIELDS,
    LISTS,
    PERSON_LISTS,
    OwnerProfile,
    Person,
    check_profile,
    item_key,
    name_of,
    wire,
)

Mode = Literal["set", "add", "remove"]
NOTHING = frozenset({"none", "null", "never", "off", "-"})
EMPTY = "(empty)"
LONGEST = 300
_PERSON = re.compile(r"(?P<name>[^:<]+?)\s*(?::\s*(?P<about>[^<]*?))?\s*(?:<(?P<contact>[^<>]*)>)?")
_ALIASES = {"brand": "brand_rules", "hours": "working_hours", "zone": "timezone"}
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»"}


def field_named(name: str) -> str:
    """Return the field that `name` means. Raises BadInputError naming what there is."""
    plain = name.casefold().replace("-", "_").replace(" ", "_")
    plain = _ALIASES.get(plain, plain)
    if plain in FIELDS:
        return plain
    near = get_close_matches(plain, FIELDS, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(FIELDS)}."
    message = f"The profile has no field {name!r}; {hint}"
    raise BadInputError(message)


def edited(profile: OwnerProfile, mode: Mode, field: str, value: object) -> OwnerProfile:
    """Return the profile after one change.

    `value` is text as somebody writes it, or JSON. Raises BadInputError with one sentence.
    """
    name = field_named(field)
    if mode == "set":
        return with_values(profile, {name: _set_to(name, value)})
    if name not in LISTS:
        message = f"{name} is no list: set it, or clear it."
        raise BadInputError(message)
    items = getattr(profile, name)
    changed = _added(name, items, value) if mode == "add" else _removed(name, items, value)
    return with_values(profile, {name: changed})


def with_values(profile: OwnerProfile, values: dict[str, Any]) -> OwnerProfile:
    """Return the profile with other values. Raises BadInputError with every mistake."""
    made, problems = check_profile({**profile.model_dump(), **values})
    if made is None:
        raise BadInputError(" ".join(problems))
    return made


def changes(before: OwnerProfile, after: OwnerProfile) -> dict[str, Any]:
    """Return the fields that differ, with their new value as JSON; null for empty."""
    old, new = wire(before), wire(after)
    return {name: new[name] for name in FIELDS if old[name] != new[name]}


def difference(before: OwnerProfile, after: OwnerProfile) -> list[str]:
    """Return what differs, a line for each value or item; what is new stands there whole.

    Cards are made of these lines, and nobody can agree to words that are not shown.
    """
    return [
        line
        for name in changes(before, after)
        for line in _differs(name, getattr(before, name), getattr(after, name))
    ]


def _differs(name: str, old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 - any field
    if name not in LISTS:
        yield f"{name}: {_cut(old) or EMPTY} → {_whole(new) or EMPTY}"
        return
    before = {item_key(item): item for item in old}
    after = {item_key(item): item for item in new}
    told = [f"{name}: + {_whole(item)}" for key, item in after.items() if key not in before]
    told += [f"{name}: - {_cut(item)}" for key, item in before.items() if key not in after]
    told += [
        f"{name}: {_cut(item)} → {_whole(after[key])}"
        for key, item in before.items()
        if key in after and after[key] != item
    ]
    yield from told or [f"{name}: in another order: {', '.join(name_of(item) for item in new)}"]


def _whole(value: object) -> str:
    return "" if value is None else " / ".join(str(value).splitlines())


def _cut(value: object) -> str:
    text = _whole(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def unquoted(text: str) -> str:
    """Return a text without the quotes around the whole of it."""
    text = text.strip()
    closing = _QUOTES.get(text[:1])
    inner = text[1:-1]
    if closing is None or len(text) == 1 or not text.endswith(closing) or closing in inner:
        return text
    return inner


def _set_to(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, str):
        if name in PERSON_LISTS and isinstance(value, list | tuple):
            return [person(item) if isinstance(item, str) else item for item in value]
        return [value] if name in PERSON_LISTS and isinstance(value, dict) else value
    text = unquoted(value)
    if name not in LISTS:
        optional = name in {"working_hours", "timezone", "quiet_hours"}
        return None if optional and text.casefold() in NOTHING else text
    parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    return [person(part) for part in parts] if name in PERSON_LISTS else parts


def person(text: str) -> dict[str, str]:
    """Return who `Bob Meyer: buyer at Globex <bob@globex.example>` is."""
    match = _PERSON.fullmatch(text.strip())
    if match is None:
        message = f"{text!r} names nobody: write NAME: ABOUT <CONTACT>."
        raise BadInputError(message)
    return {name: (found or "").strip() for name, found in match.groupdict().items()}


def _added(name: str, items: Sequence[Any], value: object) -> list[Any]:
    fresh = _set_to(name, value)
    if not isinstance(fresh, list | tuple) or not fresh:
        message = f"Say what to add to {name}."
        raise BadInputError(message)
    known = {item_key(item): item for item in items}
    made, problems = check_profile({name: fresh})
    if made is None:
        raise BadInputError(" ".join(problems))
    for item in getattr(made, name):
        key = item_key(item)
        known[key] = item if isinstance(item, Person) else known.get(key, item)
    return list(known.values())


def _removed(name: str, items: Sequence[Any], value: object) -> list[Any]:
    given = value.get("name") if isinstance(value, dict) else value
    if isinstance(given, list | tuple):
        left = list(items)
        for one in given:
            left = _removed(name, left, one)
        return left
    text = unquoted(str(given if given is not None else ""))
    found = [item for item in items if item_key(item) == item_key(text)]
    if not found and text.isdecimal() and 1 <= int(text) <= len(items):
        found = [items[int(text) - 1]]
    if not found:
        there = "; ".join(f"{n} {name_of(item)}" for n, item in enumerate(items, 1))
        message = f"{name} has no {text!r}; there are: {there or 'none'}."
        raise BadInputError(message)
    return [item for item in items if item not in found]
