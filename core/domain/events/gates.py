"""Rulings, cards, grants and the owner's brake."""

from datetime import datetime
from typing import ClassVar, Literal

from core.domain.cards import CardItem, CardKind, Ruling, Verdict
from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.files import Pin
from core.domain.money import Usd
from core.domain.sources import Taint


class GateDecided(Payload):
    """The gate gave an operation its route, with the rule and the reasons.

    `pins` are the files that it sends or replaces, as they were then.
    `origins` are the outside sources of each argument by its name.
    """

    wire: ClassVar[str] = "gate.decided.v1"
    marker: str
    task: str
    action: str
    args: Erasable
    agent: str
    ruling: Ruling
    grant: str | None = None
    pins: tuple[Pin, ...] = ()
    origins: dict[str, Taint] = {}


class CardOpened(Payload):
    """A question for the owner; durable before it is shown.

    `confirms` is the card that was accepted before, where this one asks the same once more.
    """

    wire: ClassVar[str] = "card.opened.v1"
    card: str
    kind: CardKind
    conversation: str
    agent: str = "planner"
    items: tuple[CardItem, ...]
    title: Erasable
    why: Erasable
    route: Literal["review", "inbox"]
    questions: tuple[str, ...] = ()
    expires_at: datetime | None = None
    confirms: str = ""


class CardJoined(Payload):
    """An equal question of another goal or task waits for the same card.

    `origins` are the outside sources of its arguments by name, `asked` says who asked for it.
    """

    wire: ClassVar[str] = "card.joined.v1"
    card: str
    conversation: str
    marker: str
    task: str
    primary: str
    origins: dict[str, Taint] = {}
    asked: Erasable | None = None


class CardShown(Payload):
    """A surface showed the card; the receipt finds the message again.

    `follows`: the surface also wants to show there what came of it; `results` counts how much of
    that it showed. `draft` is the number of the edit that it shows, 0 for what was proposed.
    """

    wire: ClassVar[str] = "card.shown.v1"
    card: str
    conversation: str
    channel: str
    receipt: str = ""
    state: Literal["open", "decided", "expired"] = "open"
    follows: bool = False
    results: int = 0
    draft: int = 0


class CardWanted(Payload):
    """The owner wants to see an open card once more, in a conversation of their choice."""

    wire: ClassVar[str] = "card.wanted.v1"
    card: str
    conversation: str
    by: str


class CardDrafted(Payload):
    """The owner wrote new arguments by the marker of their item; nothing is decided by it yet.

    `pins` are the files that the new arguments name, as they were then, by marker too.
    From then on the card means these: the newest draft stands for all before it. One without
    `edits` takes the card back to what was proposed.
    """

    wire: ClassVar[str] = "card.drafted.v1"
    card: str
    conversation: str
    edits: dict[str, Erasable]
    by: str
    pins: dict[str, tuple[Pin, ...]] = {}


class CardDecided(Payload):
    """The owner's answer; `edits` maps the marker of an item to its new arguments.

    `pins` are the files that the new arguments name, as they were shown or, where they were not,
    at the decision.
    `left_out` are the items that were not accepted while others of the card were: the marker of
    each, with its action.
    """

    wire: ClassVar[str] = "card.decided.v1"
    card: str
    conversation: str
    verdict: Verdict
    by: str
    via: str
    edits: dict[str, Erasable] = {}
    reason: Erasable | None = None
    pins: dict[str, tuple[Pin, ...]] = {}
    left_out: dict[str, str] = {}


class CardExpired(Payload):
    """The question no longer stands; nobody said no."""

    wire: ClassVar[str] = "card.expired.v1"
    card: str
    conversation: str
    reason: str


class CardUndeliverable(Payload):
    """No surface could show the card; `final`: it is not tried again, and waits in the inbox."""

    wire: ClassVar[str] = "card.undeliverable.v1"
    card: str
    conversation: str
    channel: str
    error: str
    final: bool = False


class GrantGiven(Payload):
    """A standing permission for an action, within limits, until it is revoked.

    `limit_usd` bounds what all its uses may cost together, `uses` how many there are.
    """

    wire: ClassVar[str] = "grant.given.v1"
    grant: str
    action: str
    card: str | None = None
    by: str
    limit_usd: Usd | None = None
    uses: int | None = None
    only: dict[str, Erasable] = {}
    expires_at: datetime | None = None


class GrantUsed(Payload):
    """The gate let an operation through by a grant; `usd` is the highest it may cost."""

    wire: ClassVar[str] = "grant.used.v1"
    grant: str
    marker: str
    usd: Usd


class GrantRevoked(Payload):
    """A grant ended because the owner said so."""

    wire: ClassVar[str] = "grant.revoked.v1"
    grant: str
    by: str


class AutonomyPaused(Payload):
    """No effect begins until the owner resumes."""

    wire: ClassVar[str] = "autonomy.paused.v1"
    by: str
    reason: str = ""


class AutonomyResumed(Payload):
    """Effects may begin again."""

    wire: ClassVar[str] = "autonomy.resumed.v1"
    by: str
