"""`access.grant`: a further owner or a group, by the owner's card only."""

from typing import Any, ClassVar

from pydantic import Field

from core.access.register import access_stream
from core.domain.cards import Impact
from core.domain.erasable import Erasable
from core.domain.events.access import AccessGranted, AccessRevoked, Standing
from core.domain.quoting import quoted
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview

_CAN = {
    "owner": (
        "Given away: they could read everything (your mail, files, facts and calendar), decide "
        "every card as you do, and spend your budget."
    ),
    "group": (
        "Given away: Equerry answers you there when you address it, so everybody in the group "
        "reads what it answers; what others write there is outside text."
    ),
}


class AccessGrantArgs(ActionArgs):
    """Who is let in: the platform's id, with the name that stands there now."""

    channel: str = Field(min_length=1)
    standing: Standing
    ident: str = Field(min_length=1)
    name: str


class GrantAccess(Action[AccessGrantArgs]):
    """Lets somebody in; always asked."""

    name: ClassVar[str] = "access.grant"
    summary: ClassVar[str] = "let a further owner or a group in"
    Args = AccessGrantArgs
    declared: ClassVar[Impact] = "high"
    control: ClassVar[frozenset[str]] = frozenset({"channel", "standing", "ident", "name"})
    idempotent: ClassVar[bool] = True
    internal: ClassVar[bool] = True
    always_ask: ClassVar[str | None] = "access: the owner decides who is let in"
    asks_twice: ClassVar[bool] = True
    undo_hint: ClassVar[str | None] = "shut out again"
    quotes_others: ClassVar[bool] = False
    gives_private: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def preview(self, args: AccessGrantArgs) -> Preview:
        """Return who it is, by the id that no one can choose, and what they could do."""
        what = "a further owner" if args.standing == "owner" else "this group"
        who = f"the id {args.ident} on {args.channel}"
        named = f"{who}, called {quoted(args.name)} there"
        return Preview(title=f"Let {what} in: {named}", body=_CAN[args.standing])

    async def run(self, args: AccessGrantArgs, context: ActionContext) -> ActionResult:
        """Write it down."""
        granted = AccessGranted(
            channel=args.channel,
            standing=args.standing,
            ident=args.ident,
            name=Erasable.of(args.name),
            how="card",
        )
        await context.emit(access_stream(args.channel), [granted])
        undo = {"channel": args.channel, "standing": args.standing, "ident": args.ident}
        said = f"{quoted(args.name)} is let in ({args.standing}, id {args.ident})."
        return ActionResult(output=undo, said=said, undo=undo)

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Shut them out again."""
        await context.emit(access_stream(undo["channel"]), [AccessRevoked.model_validate(undo)])
        return ActionResult(output=undo, said=f"{undo['ident']} is shut out again.")
