"""The owner's profile as a value, and what each field of it may hold."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from core.domain.base import Frozen
from core.memory.profile import hours

REFUSED = "profile_value"
ONE_LINE, LONG = 300, 2000
MOST = 100
SHOWN = 60


def _refused(allowed: str) -> PydanticCustomError:
    return PydanticCustomError(REFUSED, "{allowed}", {"allowed": allowed})


def _text(value: object, most: int, *, lines: bool) -> str:
    kind = "text" if lines else "text on one line"
    if not isinstance(value, str):
        raise _refused(kind)
    value = value.strip()
    if not all(sign.isprintable() or (lines and sign in "\n\t") for sign in value):
        raise _refused(f"{kind}, without control characters")
    if len(value) > most:
        raise _refused(f"at most {most} characters long")
    return value


def _line(value: object) -> str:
    return "" if value is None else _text(value, ONE_LINE, lines=False)


def _item(value: object) -> str:
    if not (text := _text(value, ONE_LINE, lines=False)):
        raise _refused("text on one line, not empty")
    return text


def _lines(value: object) -> str:
    return "" if value is None else _text(value, LONG, lines=True)


def _zone(value: object) -> str | None:
    if value is None or value == "":
        return None
    name = value.strip() if isinstance(value, str) else ""
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, LookupError):
        known = available_timezones()
        same = next((zone for zone in known if zone.casefold() == name.casefold()), None)
        near = get_close_matches(name.title(), known, 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
    if same:
        return same
    raise _refused(f"a time zone name such as Europe/Berlin{hint}")


def _working(value: object) -> str | None:
    if value is None or value == "":
        return None
    found = hours.working_hours(value) if isinstance(value, str) else None
    if found is None:
        raise _refused("hours such as 09:00-18:00 or Mon-Thu 09:00-18:00; Fri 09:00-14:00")
    return found


def _quiet(value: object) -> str | None:
    if value is None or value == "":
        return None
    found = hours.span(value) if isinstance(value, str) else None
    if found is None:
        raise _refused("a span such as 22:00-07:00, or null for never quiet")
    return str(found)


def _few(value: object) -> object:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise _refused("a list")
    if len(value) > MOST:
        raise _refused(f"a list of at most {MOST}")
    return value


Line = Annotated[str, BeforeValidator(_line)]
Item = Annotated[str, BeforeValidator(_item)]


class Person(Frozen):
    """Somebody the owner deals with: a person or a client."""

    name: Item
    about: Line = ""
    contact: Line = ""

    def __str__(self) -> str:
        about = f": {self.about}" if self.about else ""
        return f"{self.name}{about}{f' <{self.contact}>' if self.contact else ''}"


def _once(value: tuple[Any, ...]) -> tuple[Any, ...]:
    seen = set()
    for item in value:
        if item_key(item) in seen:
            raise _refused(f"a list that names {name_of(item)!r} once")
        seen.add(item_key(item))
    return value


def name_of(item: "str | Person") -> str:
    """Return what an item of a list is called."""
    return item if isinstance(item, str) else item.name


def item_key(item: "str | Person") -> str:
    """Return what makes two items of a list the same."""
    return " ".join(name_of(item).casefold().split())


Texts = Annotated[tuple[Item, ...], BeforeValidator(_few), AfterValidator(_once)]
People = Annotated[tuple[Person, ...], BeforeValidator(_few), AfterValidator(_once)]


class OwnerProfile(Frozen):
    """Who the owner is and how the owner wants things done.

    `timezone` None is the zone of the machine, `quiet_hours` None is never quiet.
    """

    name: Line = Field("", description="Your name, as Equerry says it.")
    company: Line = Field("", description="The name of the company.")
    roles: Texts = Field((), description="What you are: founder, engineer, …")
    voice: Annotated[str, BeforeValidator(_lines)] = Field(
        "", description="How text in your name is written."
    )
    brand_rules: Texts = Field(
        (), description='Rules for text that goes out; `never say "X"`, `always include "X"`.'
    )
    preferences: Texts = Field((), description="How you like things done.")
    people: People = Field((), description="People: name, about, contact.")
    clients: People = Field((), description="Clients: name, about, contact.")
    working_hours: Annotated[str | None, BeforeValidator(_working)] = Field(
        None, description="Such as 09:00-18:00 or Mon-Fri 09:00-18:00; Sat 10:00-12:00."
    )
    timezone: Annotated[str | None, BeforeValidator(_zone)] = Field(
        None, description="Such as Europe/Berlin; empty: that of the configuration or the machine."
    )
    quiet_hours: Annotated[str | None, BeforeValidator(_quiet)] = Field(
        None, description="When nothing notifies, such as 22:00-07:00; empty: never quiet."
    )


FIELDS: tuple[str, ...] = tuple(OwnerProfile.model_fields)
TEXT_LISTS = frozenset({"roles", "brand_rules", "preferences"})
PERSON_LISTS = frozenset({"people", "clients"})
LISTS = TEXT_LISTS | PERSON_LISTS
FREE_TEXT = frozenset(FIELDS) - {"timezone", "working_hours", "quiet_hours"}
"""Fields that hold words; the others have a form that says nothing."""


def wire(profile: OwnerProfile) -> dict[str, Any]:
    """Return the fields as JSON; null for what is empty."""
    found = profile.model_dump(mode="json")
    return {name: value or None for name, value in found.items()}


def check_profile(values: Mapping[str, Any]) -> tuple[OwnerProfile | None, list[str]]:
    """Return the profile that `values` make, or each mistake as `key: what is allowed`."""
    try:
        return OwnerProfile.model_validate(dict(values)), []
    except ValidationError as error:
        return None, [_told(found) for found in error.errors(include_url=False)]


def _told(error: ErrorDetails) -> str:
    path = error["loc"]
    name = "".join(f"[{s + 1}]" if isinstance(s, int) else f".{s}" for s in path).lstrip(".")
    if error["type"] == "missing":
        return f"{name} is needed here."
    if error["type"] == "extra_forbidden":
        return f"{name}: there is no such field; {_allowed(path)}"
    allowed = error["ctx"]["allowed"] if error["type"] == REFUSED else "name, about and contact"
    end = "" if allowed.endswith("?") else "."
    return f"{name}: {_shown(error['input'])} is not allowed: it must be {allowed}{end}"


def _allowed(path: Sequence[str | int]) -> str:
    names = FIELDS if len(path) == 1 else tuple(Person.model_fields)
    near = get_close_matches(str(path[-1]).casefold(), names, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}."


def _shown(value: object) -> str:
    if isinstance(value, list | tuple | dict):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
