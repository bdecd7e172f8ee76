"""`profile.change`: an agent proposes, the owner decides."""

from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from core.domain.cards import Impact
from core.domain.errors import BadInputError, RefusedError
from core.domain.sources import merged
from core.memory.profile.book import Author, ProfileBook, Written, pick
from core.memory.profile.edits import Mode, difference, edited, field_named, with_values
from core.memory.profile.model import OwnerProfile, wire
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview


class ProfileChangeArgs(ActionArgs):
    """Which field becomes what; `add` and `remove` are for the lists."""

    field: str = Field(min_length=1)
    value: str | list[Any] | dict[str, Any] | None
    mode: Mode = "set"


class ChangeProfile(Action[ProfileChangeArgs]):
    """Changes one field of the owner's profile; always asked, unless the owner granted it."""

    name: ClassVar[str] = "profile.change"
    summary: ClassVar[str] = "propose a change of the owner's profile; mode set, add or remove"
    Args = ProfileChangeArgs
    declared: ClassVar[Impact] = "high"
    control: ClassVar[frozenset[str]] = frozenset({"field", "value", "mode"})
    pinned: ClassVar[frozenset[str] | None] = frozenset({"field", "mode"})
    undo_hint: ClassVar[str | None] = "roll back"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self, profiles: ProfileBook) -> None:
        """Change the profile through its book."""
        self._profiles = profiles

    def settled(self, args: ProfileChangeArgs, context: ActionContext) -> ProfileChangeArgs:
        """Return the change with the field's own name.

        Raises BadInputError for a value that the field may not hold.
        """
        edited(self._profiles.live.current, args.mode, args.field, args.value)
        return args.model_copy(update={"field": field_named(args.field)})

    def preview(self, args: ProfileChangeArgs) -> Preview:
        """Return what was and what will be."""
        now = self._profiles.live.current
        try:
            after = edited(now, args.mode, args.field, args.value)
            lines = difference(now, after, whole=True)
        except BadInputError as error:
            lines = [str(error)]
        body = "\n".join(lines) or f"{args.field} is so already."
        return Preview(title=f"Change your profile: {args.field}", body=body)

    async def run(self, args: ProfileChangeArgs, context: ActionContext) -> ActionResult:
        """Append a version. Raises BadInputError for what cannot be (any more)."""
        author = _author(context, f"proposed in {context.goal}")
        author = replace(author, anew=args.mode == "set")
        written = await self._profiles.change(
            lambda now: edited(now, args.mode, args.field, args.value), author
        )
        if written is None:
            return ActionResult(output={"version": None}, said=f"{args.field} is so already.")
        undo = {"version": written.version, "field": args.field}
        output = {"version": written.version, "changes": list(written.lines)}
        return ActionResult(output=output, said=_said(written), undo=undo, sources=context.sources)

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Roll back to the version before, or bring the one field back where others changed since.

        Raises RefusedError where this very field changed since.
        """
        number, name = int(undo["version"]), str(undo["field"])
        author = _author(context, f"undo of version {number}")
        versions = await self._profiles.versions()
        made, before = pick(versions, number), pick(versions, number - 1)
        if number == len(versions) - 1:
            written = await self._profiles.rollback(before.number, author)
        else:
            old, left = (wire(one.profile)[name] for one in (before, made))

            def back(now: OwnerProfile) -> OwnerProfile:
                if wire(now)[name] not in (left, old):
                    message = f"{name} was changed again since: see /profile history."
                    raise RefusedError(message)
                return with_values(now, {name: old})

            kept = before.standing.sources.get(name, ())
            author = replace(author, sources=merged(author.sources, kept))
            written = await self._profiles.change(back, author)
        said = _said(written) if written else f"{name} is as it was already."
        return ActionResult(output=undo, said=said)


def _author(context: ActionContext, reason: str) -> Author:
    return Author(
        by="agent",
        key=f"emit:{context.marker}:profile:0",
        reason=reason,
        sources=context.sources,
        goal=context.goal,
        actor="executor",
    )


def _said(written: Written) -> str:
    return f"Your profile has version {written.version}: {'; '.join(written.lines)}."
