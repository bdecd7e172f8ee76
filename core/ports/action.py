"""An action: something the executor can do."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Generic, TypeVar

from core.domain.base import Frozen
from core.domain.cards import Impact
from core.domain.errors import RefusedError
from core.domain.events import Payload
from core.domain.files import FileWritten, Pin
from core.domain.money import ZERO, Usd
from core.domain.sources import Private, Taint


class ActionArgs(Frozen):
    """The base of argument models; the owner may edit any field of them on a card."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What an action is handed beside its arguments.

    `marker` is the idempotency key of the operation. `emit` appends events of the owner's data,
    keyed by the marker, so that a repeat does nothing. `commit_point` is awaited right before the
    one step that cannot be repeated or looked up. `sources` is the taint of the content arguments.
    `pins` are the files that were approved: an action uses those bytes or raises FileChangedError.
    `hosts` are the only ones that a read may lead to, redirects included; None: any.
    """

    marker: str
    goal: str
    conversation: str
    now: datetime
    timezone: tzinfo
    attempt: int
    emit: Callable[[str, Sequence[Payload]], Awaitable[None]]
    commit_point: Callable[[], Awaitable[None]]
    sources: Taint = ()
    pins: tuple[Pin, ...] = ()
    hosts: frozenset[str] | None = None


class ActionResult(Frozen):
    """What came of it. `said` is the plain account; `undo` is what `Action.undo` needs.

    `written` tells which of the owner's files changed, so that outside text in it stays known.
    `private` names what of the owner's own is in it; without a name it is the action as a whole.
    """

    output: dict[str, Any]
    said: str
    undo: dict[str, Any] | None = None
    usd: Usd = ZERO
    sources: Taint = ()
    written: FileWritten | None = None
    private: Private = ()


class Preview(Frozen):
    """How a card tells what will happen: one title line and a body."""

    title: str
    body: str = ""


class Trace(Enum):
    """What a look-up after a crash found."""

    APPLIED = "applied"
    ABSENT = "absent"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Found:
    """A look-up: `result` is there when the effect was applied and can be told."""

    trace: Trace
    result: ActionResult | None = None


ArgsT = TypeVar("ArgsT", bound=ActionArgs)


class Action(ABC, Generic[ArgsT]):
    """A use of the outside world or of the owner's data; subclasses inherit the defaults.

    `control` names the arguments that decide (recipient, path, amount); all others are content.
    `commits`: awaits `commit_point` before its one step that cannot be repeated, so that a crash
    before it is known to have had no effect. `pinned` are the control arguments that a standing
    permission is tied to; None ties it to all of them. `always_ask` is the reason why an action is
    never auto and cannot be edited. `asks_twice`: what it gives away is so much that an accept is
    followed by a second card before anything happens.
    `leaves` are the arguments whose text goes out to others: it is reviewed before it may.
    `quotes_others`: its errors may quote a server or a page, so they count as outside text.
    `gives_private`: what it gives back is the owner's own beside what it was given. `public_sink`:
    its arguments reach somebody that the owner has not configured as his own. An action that says
    nothing about itself is both: one that was forgotten asks too often, and never too little.
    `idempotent`: running again with the same marker does nothing twice. `look_up` is only asked for
    actions with `can_look_up`. Errors: TransientError (nothing happened, may be tried again),
    RefusedError (nothing happened, will not work), OutcomeUnknownError (it may have happened).
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    Args: type[ArgsT]
    declared: ClassVar[Impact] = "high"
    control: ClassVar[frozenset[str]] = frozenset()
    undo_hint: ClassVar[str | None] = None
    idempotent: ClassVar[bool] = False
    can_look_up: ClassVar[bool] = False
    commits: ClassVar[bool] = False
    internal: ClassVar[bool] = False
    pinned: ClassVar[frozenset[str] | None] = None
    always_ask: ClassVar[str | None] = None
    asks_twice: ClassVar[bool] = False
    quotes_others: ClassVar[bool] = True
    leaves: ClassVar[frozenset[str]] = frozenset()
    gives_private: ClassVar[bool] = True
    public_sink: ClassVar[bool] = True
    timeout_s: ClassVar[float] = 60.0

    def impact(self, args: ArgsT) -> Impact:
        """Return the impact of these arguments: what is declared, and high where nothing is."""
        return self.declared

    def attached(self, args: ArgsT) -> tuple[str, ...]:
        """Return the names of the owner's files whose content goes where these arguments go."""
        return ()

    async def pins(self, args: ArgsT) -> tuple[Pin, ...]:
        """Return each file that `args` name by path as it is now: those sent, those replaced.

        Raises BadInputError for a path that cannot be used. Their sources are filled in by others.
        """
        return ()

    def reaches(self, args: ArgsT) -> str:
        """Return in words who gets to see these arguments, for a sink."""
        return f"others, by {self.name}"

    def cost(self, args: ArgsT) -> Decimal:
        """Return the most this can cost in US dollars."""
        return ZERO

    def check(self, args: ArgsT, context: ActionContext) -> None:
        """Raise BadInputError for arguments that the schema cannot judge (a path, a time)."""

    def repeatable(self, args: ArgsT) -> bool:
        """Return whether running again with the same marker and `args` does nothing twice."""
        return self.idempotent

    def settled(self, args: ArgsT, context: ActionContext) -> ArgsT:
        """Return the arguments with relative words made absolute, checked.

        Raises BadInputError like `check`. What comes back is what is asked, hashed and run.
        """
        self.check(args, context)
        return args

    @abstractmethod
    def preview(self, args: ArgsT) -> Preview:
        """Return what a card shows."""

    @abstractmethod
    async def run(self, args: ArgsT, context: ActionContext) -> ActionResult:
        """Do it."""

    async def look_up(self, args: ArgsT, context: ActionContext) -> Found:
        """Say whether an earlier run with this marker was applied."""
        return Found(Trace.UNCLEAR)

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Take the effect back; idempotent under the marker of the undoing operation.

        Raises RefusedError where it cannot be taken back (any more).
        """
        message = f"{self.name} cannot be undone."
        raise RefusedError(message)
