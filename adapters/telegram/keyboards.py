"""Buttons below a card, and what a tap on one says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from adapters.chat.cards import can_edit
from adapters.telegram.cards import is_clipped
from core.domain.choices import Choice
from core.gates.limits import UNLIMITED, Limits, always_refused
from core.ports.chat_surface import CardView

Verb = Literal["a", "b", "c", "e", "g", "l", "o", "r", "w"]
Unit = Literal["t", "d", "u", "n"]

_VERBS: tuple[Verb, ...] = ("a", "b", "c", "e", "g", "l", "o", "r", "w")
_UNITS: tuple[Unit, ...] = ("t", "d", "u", "n")
_DATA = re.compile(
    r"(?:(?P<verb>[abcegorw]):(?P<card>[A-Z0-9]{1,40})"
    r"|l:(?P<limited>[A-Z0-9]{1,40}):(?P<count>[1-9][0-9]{0,3})?(?P<unit>[tdun]))"
)
_ALWAYS: tuple[tuple[str, int, Unit], ...] = (
    ("10 times", 10, "t"),
    ("30 days", 30, "d"),
    ("Up to $5", 5, "u"),
    ("No limit", 0, "n"),
)


@dataclass(frozen=True, slots=True)
class Button:
    """A button; `data` comes back when it is tapped."""

    text: str
    data: str

    def as_api(self) -> dict[str, str]:
        """Return it as the Bot API names it."""
        return {"text": self.text, "callback_data": self.data}


@dataclass(frozen=True, slots=True)
class Tap:
    """What a tap says. With verb `l`: `count` times, days or dollars; unit `n` is no limit.

    a accept · b back to the card's own buttons · c accept all, ask once more · e edit ·
    g show the limits of an always · l always, with this limit · o back to what was proposed ·
    r reject · w why
    """

    verb: Verb
    card: str
    unit: Unit | None = None
    count: int = 0

    @property
    def data(self) -> str:
        """What a button carries for this tap; `read_tap` reads it back."""
        limit = f":{self.count or ''}{self.unit}" if self.unit else ""
        return f"{self.verb}:{self.card}{limit}"

    @property
    def limits(self) -> Limits | None:
        """The limits of the permission that this tap gives; None for any other tap."""
        if self.unit == "t":
            return Limits(uses=self.count)
        if self.unit == "d":
            return Limits(lasting=timedelta(days=self.count))
        if self.unit == "u":
            return Limits(usd=Decimal(self.count))
        return UNLIMITED if self.unit == "n" else None


@dataclass(frozen=True, slots=True)
class DraftTap:
    """A tap that accepts an edit of a card: the number of the edit tells the newest from others."""

    card: str
    draft: int

    @property
    def data(self) -> str:
        """What a button carries for this tap; `read_draft_tap` reads it back."""
        return f"d:{self.card}:{self.draft}"


_DRAFT = re.compile(r"d:(?P<card>[A-Z0-9]{1,40}):(?P<draft>[1-9][0-9]{0,8})")


def read_draft_tap(data: str) -> DraftTap | None:
    """Return which edit a tap accepts; None for what is no such button."""
    match = _DRAFT.fullmatch(data)
    return DraftTap(match["card"], int(match["draft"])) if match else None


Keyboard = list[list[Button]]
MOST_CHOICES = 8
MOST_BYTES = 64
"""What the data of a button may hold."""
_CHOICE = re.compile(r"x:(?P<line>/[a-z]+(?: [^\n]+)?)")
_SHORT = 16
"""Characters up to which two labels stand in one row."""


def choice_keyboard(choices: Sequence[Choice]) -> Keyboard:
    """Return a button for each command line that may be chosen, as far as they fit."""
    rows: Keyboard = []
    for button in (Button(one.label, f"x:{one.line}") for one in choices[:MOST_CHOICES]):
        if len(button.data.encode()) > MOST_BYTES:
            continue
        short = len(button.text) <= _SHORT
        if short and rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= _SHORT:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def read_choice(data: str) -> str | None:
    """Return the command line that a tap runs; None for what is no such button."""
    match = _CHOICE.fullmatch(data)
    return match["line"] if match else None


def read_tap(data: str) -> Tap | None:
    """Return what a tap says; None for what no button of a card carries."""
    match = _DATA.fullmatch(data)
    if match is None:
        return None
    if match["verb"]:
        return Tap(_verb(match["verb"]), match["card"])
    unit, count = _unit(match["unit"]), int(match["count"] or 0)
    if (unit == "n") != (count == 0):
        return None
    return Tap("l", match["limited"], unit, count)


def card_keyboard(view: CardView) -> Keyboard:
    """Return the buttons of an open card; a closed one has none.

    A card is answered as a whole: where one of several items is grave, accepting asks once more.
    """
    if view.state != "open":
        return []
    several = len(view.items) > 1
    accept = _button("Accept all" if several else "Accept", "c" if asks_again(view) else "a", view)
    edit = [_button("Edit", "e", view)] if can_edit(view) else []
    reject = _button("Reject all" if several else "Reject", "r", view)
    always = [_button("Always…", "g", view)] if can_always(view) else []
    return [[accept, *edit, reject], [_button("Why", "w", view), *always]]


def draft_keyboard(view: CardView) -> Keyboard:
    """Return the buttons below the edit of a card: it is accepted, written again, or taken back."""
    accept = Button("Accept", DraftTap(view.card, view.draft).data)
    return [
        [accept, _button("Edit again", "e", view)],
        [_button("Back to the old one", "o", view)],
    ]


def confirm_keyboard(view: CardView) -> Keyboard:
    """Return the buttons that ask once more before several things are accepted at one tap."""
    return [
        [_button(f"Really accept all {len(view.items)}?", "a", view)],
        [_button("Back", "b", view)],
    ]


def always_keyboard(view: CardView) -> Keyboard:
    """Return the limits that a standing permission may have, and the way back; none for others."""
    if not can_always(view):
        return []
    limits = [Button(text, Tap("l", view.card, unit, count).data) for text, count, unit in _ALWAYS]
    return [limits[:2], limits[2:], [_button("Back", "b", view)]]


def asks_again(view: CardView) -> bool:
    """Return whether accepting takes a second tap: several items, one of them above low impact.

    Also where the message could not name all of them.
    """
    if len(view.items) < 2:  # noqa: PLR2004 - several are two
        return False
    grave = any(item.ruling.impact not in {"none", "low"} for item in view.items)
    return grave or is_clipped(view)


def can_always(view: CardView) -> bool:
    """Return whether accepting may be granted for always."""
    return always_refused(view) is None


def _button(text: str, verb: Verb, view: CardView) -> Button:
    return Button(text, Tap(verb, view.card).data)


def _verb(char: str) -> Verb:
    return next(verb for verb in _VERBS if verb == char)


def _unit(char: str) -> Unit:
    return next(unit for unit in _UNITS if unit == char)
