"""A card: a question for the owner."""

from typing import Literal

from core.domain.base import Frozen
from core.domain.erasable import Erasable
from core.domain.money import ZERO, Usd
from core.domain.sources import Private, Taint

Impact = Literal["none", "low", "medium", "high"]
Route = Literal["auto", "review", "inbox", "deny"]
Verdict = Literal["accept", "edit", "reject"]
CardKind = Literal["operation", "unknown", "undo", "budget", "notice"]


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


class CardItem(Frozen):
    """One operation of a card: what will happen, in the form the owner reads."""

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
