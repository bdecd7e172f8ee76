"""A card: a question for the owner."""

from typing import Literal

from core.domain.base import Frozen
from core.domain.erasable import Erasable
from core.domain.files import Pin
from core.domain.money import ZERO, Usd
from core.domain.sources import Private, Taint

Impact = Literal["none", "low", "medium", "high"]
Route = Literal["auto", "review", "inbox", "deny"]
Verdict = Literal["accept", "edit", "reject"]
CardKind = Literal["operation", "unknown", "undo", "budget", "notice"]
PLAN = ""
"""Under this name `origins` hold the sources that the whole plan was made with."""


class Confidence(Frozen):
    """What was claimed, what was earned, and what counts (the lower), each 0 to 1."""

    claimed: float
    earned: float
    accepted: int = 0
    decided: int = 0

    @property
    def used(self) -> float:
        """The lower of claim and record."""
        return min(self.claimed, self.earned)


class Ruling(Frozen):
    """What the gate decided about one operation, and why.

    `private` is what of the owner's own would go to others.
    """

    route: Route
    rule: str
    reasons: tuple[str, ...]
    impact: Impact
    confidence: Confidence
    sources: Taint = ()
    private: Private = ()


class Said(Frozen):
    """Words of a model about an operation; surfaces show them as its words, in quotes."""

    by: str
    text: Erasable


class CardItem(Frozen):
    """One operation of a card: what will happen, in the form the owner reads.

    `pins` are the files that it sends or replaces, as they were when it was asked.
    `control` names the arguments that decide: every surface shows their values whole. `origins`
    are the outside sources of each argument by its name; those of the plan itself stand under
    `PLAN`. `says` are remarks of models. `asks_twice`: an accept opens a second card first.
    """

    marker: str
    task: str
    action: str
    args: Erasable
    title: Erasable
    body: Erasable
    ruling: Ruling
    undo: str | None = None
    usd: Usd = ZERO
    editable: tuple[str, ...] = ()
    pins: tuple[Pin, ...] = ()
    control: tuple[str, ...] = ()
    origins: dict[str, Taint] = {}
    says: tuple[Said, ...] = ()
    asks_twice: bool = False
