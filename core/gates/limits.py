"""Standing permissions in the owner's words: where, and within which limits they may be given."""

import re
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from core.domain.base import Frozen
from core.domain.errors import BadInputError
from core.domain.money import ZERO, Usd
from core.ports.chat_surface import CardView

FORM = "always up to $5, 10 times, for 30 days, until 2030-12-31 (any of them)"

_PARTS = {
    "usd": r"(?:up to\s+)?(?:\$\s*(?P<d>\d+(?:\.\d+)?)|(?P<w>\d+(?:\.\d+)?)\s*(?:\$|usd|dollars?))",
    "uses": r"(?:up to\s+)?(?P<n>\d+)\s*(?:times?|uses?)",
    "few": r"(?P<few>once|twice)(?:\s+more)?",
    "lasting": r"for\s+(?:the\s+next\s+)?(?P<count>\d+|an?)\s*(?P<unit>hour|day|week|month|year)s?",
    "until": r"until\s+(?P<day>\d{4}-\d{2}-\d{2})",
    "open": r"until\s+i\s+revoke\s+it",
}
_KINDS = {kind: re.compile(rf"(?:{p})(?!\w)", re.IGNORECASE) for kind, p in _PARTS.items()}
_BETWEEN = re.compile(r"^(?:[\s,.]|and\b)+", re.IGNORECASE)
_MEANT = re.compile(r"(up to|for|until)\s+(the\s+next\s+)?[\d$]|[\d$]", re.IGNORECASE)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_FEW = {"once": 1, "twice": 2}


class Limits(Frozen):
    """What a permission is limited to; None is no limit. `until` is its last day."""

    usd: Usd | None = None
    uses: int | None = None
    lasting: timedelta | None = None
    until: date | None = None

    def ends(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Return when it ends, None where it does not. Raises BadInputError where that is past."""
        ends = now + self.lasting if self.lasting else None
        if self.until:
            last = datetime.combine(self.until + timedelta(days=1), time(), zone)
            ends = min(ends, last) if ends else last
        if ends and ends <= now:
            message = f"A permission until {self.until} would be over already."
            raise BadInputError(message)
        return ends


UNLIMITED = Limits()


def always_refused(view: CardView) -> str | None:
    """Return why accepting a card may not be granted for always; None where it may.

    Only an open operation may, and none that outside text has a part in: such a one is asked in
    spite of any permission. What can only be accepted as it stands is asked each time as well.
    The buttons and the words obey this alike.
    """
    if view.kind != "operation" or view.state != "open" or not view.items:
        return "Only an operation that is accepted can be granted for always."
    if fixed := next((item for item in view.items if not item.editable), None):
        return f"{fixed.action} is asked every time: there is no always for it."
    if any(source.outside for item in view.items for source in item.ruling.sources):
        return (
            "Outside text has a part in this, so it is asked every time: there is no always for it."
        )
    return None


def read_limits(text: str) -> Limits | None:
    """Return the limits that a text says, None for other talk.

    Raises BadInputError for what is meant as limits and is none: a permission is not guessed.
    """
    found: dict[str, object] = {}
    rest = _BETWEEN.sub("", text)
    while rest:
        limit, after = _first(rest)
        if limit is None or found.keys() & limit.keys():
            _check_not_meant(text.strip(" ,"))
            return None
        found.update(limit)
        rest = _BETWEEN.sub("", after)
    return Limits.model_validate(found)


def _first(text: str) -> tuple[dict[str, object] | None, str]:
    """Return the limit that a text begins with, None for none, and the rest of it."""
    for kind, pattern in _KINDS.items():
        if match := pattern.match(text):
            try:
                return _value(kind, match), text[match.end() :]
            except (ValueError, OverflowError):
                break
    return None, text


def _check_not_meant(text: str) -> None:
    if _MEANT.match(text):
        message = f"I do not understand the limits “{text[:80]}”; say {FORM}."
        raise BadInputError(message)


def _value(kind: str, match: re.Match[str]) -> dict[str, object] | None:
    if kind == "open":
        return {}
    if kind == "until":
        return {"until": date.fromisoformat(match["day"])}
    if kind == "lasting":
        count = 1 if match["count"].startswith("a") else int(match["count"])
        unit = match["unit"].lower()
        span = timedelta(hours=count) if unit == "hour" else timedelta(days=count * _DAYS[unit])
        return {"lasting": span} if span else None
    if kind == "usd":
        usd = Decimal(match["d"] or match["w"])
        return {"usd": usd} if usd > ZERO else None
    uses = _FEW[match["few"].lower()] if kind == "few" else int(match["n"])
    return {"uses": uses} if uses else None
