"""A chat surface: where the owner reads and answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import Field

from core.domain.base import Frozen
from core.domain.cards import CardItem, CardKind, Verdict
from core.domain.choices import Choice
from core.domain.events.messages import OutboundKind
from core.domain.inbound import Attachment
from core.domain.outbound import OutFile


class Enclosure(OutFile):
    """A file that goes with a message: its bytes, and the path they lie under, if any."""

    data: bytes = Field(repr=False)
    place: str = ""


class Outbound(Frozen):
    """A message to the owner; `repeat` asks the surface to say that it may be a repeat.

    `outside` text is derived from what others wrote: no surface may draw a picture or a link in it,
    hide an address behind words, or let its platform fetch a preview. `answers` is the `dedupe` of
    the message it answers; `late` is when that was sent, where it was taken in long after. `files`
    go with the text, in their order; a surface that cannot show one names it.
    `choices` are commands that may be buttons below it; its text names the same things. `plain`
    text is no markdown: a surface shows every character of it. `commands` are the places in it
    where commands begin that Equerry states itself: they may be tapped in `outside` text too.
    """

    message: str
    conversation: str
    kind: OutboundKind
    text: str
    reply_to: str | None = None
    goal: str | None = None
    repeat: bool = False
    outside: bool = False
    answers: str = ""
    late: datetime | None = None
    files: tuple[Enclosure, ...] = ()
    choices: tuple[Choice, ...] = ()
    plain: bool = False
    commands: tuple[int, ...] = ()


class CardView(Frozen):
    """A card as a surface draws it. The items' erasable fields carry their values.

    `results` say what came of its operations, as far as they have ended; `repeat` asks the surface
    to say that the card may be there already. `tries_again` is when an operation that did not
    happen is tried next, `given_up` why it is not any more: another card asks, or it was stopped.

    `draft` is the number of the newest edit of an open card, 0 where there is none: its items are
    as that edit has them, `before` are the arguments that were proposed, by marker, and
    `difference` says what the edit changes.
    """

    card: str
    goal: str | None
    kind: CardKind
    conversation: str
    title: str
    why: str
    route: Literal["review", "inbox"]
    items: tuple[CardItem, ...]
    state: Literal["open", "decided", "expired"] = "open"
    repeat: bool = False
    verdict: Verdict | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    note: str = ""
    difference: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    tries_again: str = ""
    given_up: Literal["", "asked", "stopped"] = ""
    draft: int = 0
    before: dict[str, dict[str, Any]] = {}


StepState = Literal["done", "running", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a goal as it is shown while work goes on; `note` says what it waits for."""

    title: str
    state: StepState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is going on, for people who wait; never durable.

    `delta` is a piece of streamed reply text, `status` a short line ("planning", "sending mail"),
    `steps` are those of a goal that has several, as they stand now. One without any of these says
    that nothing goes on any more: in its goal, or in the conversation where it names no goal.
    """

    conversation: str
    goal: str
    status: str = ""
    delta: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def is_end(self) -> bool:
        """Whether nothing goes on any more."""
        return not (self.status or self.delta or self.steps)


class ChatSurface(Protocol):
    """Shows things; one per channel.

    `follows_results`: a decided card is updated again when what it allowed has ended.
    """

    channel: str
    follows_results: bool

    async def send(self, outbound: Outbound) -> str:
        """Deliver a message; return the platform's receipt.

        Raises TransientError when it surely was not sent, OutcomeUnknownError when it may have.
        """
        ...

    async def show_card(self, view: CardView) -> str:
        """Show an open card; return a receipt by which it can be changed."""
        ...

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Rewrite a card that was shown.

        A closed one keeps its request, gets its verdict and loses its buttons; one that is open
        shows its newest edit, and can still be answered.
        """
        ...

    async def fetch(self, attachment: Attachment) -> bytes:
        """Return a file that came with a message; asked again, the same.

        Raises TransientError to be asked later, RefusedError with a sentence for the owner.
        """
        ...

    def progress(self, progress: Progress) -> None:
        """Show that work goes on; may drop anything."""
        ...
