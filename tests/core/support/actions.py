"""Actions with a script: what they did is counted, what goes wrong is said beforehand."""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from core.domain.cards import Impact
from core.domain.errors import BadInputError
from core.domain.money import ZERO
from core.domain.sources import Source, Taint
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Found, Preview, Trace

WEB = Source(kind="web", ref="https://evil.example", title="Evil page")


class Crash(BaseException):
    """The process dies here: nothing of the core may catch it."""


class ProbeArgs(ActionArgs):
    """`to` decides where it goes, `text` is what goes there."""

    to: str = "home"
    text: str = ""
    tags: list[str] = []
    count: int = Field(default=1, le=100)


Behaviour = BaseException | Callable[[ActionContext], BaseException | None]


class Probe(Action[ProbeArgs]):
    """Counts its effects. `before` and `after` are raised, one per run, around the effect."""

    name: ClassVar[str] = "probe.high"
    summary: ClassVar[str] = "have an effect"
    Args = ProbeArgs
    control: ClassVar[frozenset[str]] = frozenset({"to"})
    gives_private: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self) -> None:
        """Begin with no effects."""
        self.effects: list[ProbeArgs] = []
        self.markers: list[str] = []
        self.contexts: list[ActionContext] = []
        self.before: deque[BaseException] = deque()
        self.after: deque[BaseException] = deque()
        self.looked: deque[Found | BaseException] = deque()
        self.usd: Decimal = ZERO
        self.outside: Taint = ()

    def cost(self, args: ProbeArgs) -> Decimal:
        """Return what was set."""
        return self.usd

    def check(self, args: ProbeArgs, context: ActionContext) -> None:
        """Refuse one recipient."""
        if args.to == "nowhere":
            message = "There is no such place."
            raise BadInputError(message)

    def preview(self, args: ProbeArgs) -> Preview:
        """Return what goes where."""
        return Preview(title=f"Send to {args.to}", body=args.text)

    async def run(self, args: ProbeArgs, context: ActionContext) -> ActionResult:
        """Have the effect, and fail as scripted."""
        self.contexts.append(context)
        if self.before:
            raise self.before.popleft()
        if self.commits:
            await context.commit_point()
        await self._effect(args, context)
        if self.after:
            raise self.after.popleft()
        return self._result(args)

    async def _effect(self, args: ProbeArgs, context: ActionContext) -> None:
        if self.idempotent and context.marker in self.markers:
            return
        self.effects.append(args)
        self.markers.append(context.marker)

    def _result(self, args: ProbeArgs) -> ActionResult:
        undo = {"to": args.to} if self.undo_hint else None
        return ActionResult(
            output={"to": args.to, "text": args.text},
            said=f"Sent {args.text!r} to {args.to}.",
            undo=undo,
            sources=self.outside,
        )

    async def look_up(self, args: ProbeArgs, context: ActionContext) -> Found:
        """Say what was scripted, or else the truth."""
        if self.looked:
            found = self.looked.popleft()
            if isinstance(found, BaseException):
                raise found
            return found
        if context.marker in self.markers:
            return Found(Trace.APPLIED, self._result(args))
        return Found(Trace.ABSENT)

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Take the newest effect to that place back."""
        self.effects = [args for args in self.effects if args.to != undo["to"]]
        return ActionResult(output=undo, said=f"Took it back from {undo['to']}.")


class Low(Probe):
    """Own data, undoable, idempotent: auto."""

    name: ClassVar[str] = "probe.low"
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "take back"
    idempotent: ClassVar[bool] = True


class Plain(Probe):
    """Low impact, but neither repeatable nor to be looked up."""

    name: ClassVar[str] = "probe.plain"
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "take back"


class Found_(Probe):  # noqa: N801 - beside the Found of the port
    """Low impact, can be looked up."""

    name: ClassVar[str] = "probe.found"
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "take back"
    can_look_up: ClassVar[bool] = True


class Commits(Probe):
    """Low impact, with a point of no return."""

    name: ClassVar[str] = "probe.commits"
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "take back"
    commits: ClassVar[bool] = True


class Reads(Probe):
    """Reads from outside."""

    name: ClassVar[str] = "probe.read"
    declared: ClassVar[Impact] = "none"
    control: ClassVar[frozenset[str]] = frozenset({"to"})
    idempotent: ClassVar[bool] = True

    def __init__(self) -> None:
        """Give text from the web."""
        super().__init__()
        self.outside = (WEB,)


class Pinned(Probe):
    """High impact; a grant is tied to the recipient's field only by name `tags`."""

    name: ClassVar[str] = "probe.pinned"
    pinned: ClassVar[frozenset[str] | None] = frozenset({"tags"})


def every_probe() -> list[Probe]:
    """Return one of each."""
    return [Probe(), Low(), Plain(), Found_(), Commits(), Reads(), Pinned()]
