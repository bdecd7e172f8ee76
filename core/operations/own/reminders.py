"""`reminder.set` and `reminder.cancel`."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from core.domain.cards import Impact
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, RefusedError
from core.domain.events.personal import ReminderCancelled, ReminderRestored, ReminderSet
from core.domain.ids import short_id
from core.domain.recurrence import RuleError, check_rule, parse_rule, quoted_rule
from core.domain.spoken import spoken, spoken_exactly, spoken_rule
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.read_models import ReadModels
from core.ports.when import When, read_time

ID_LENGTH = 6


class ReminderSetArgs(ActionArgs):
    """What to say and when; `repeat` is an iCalendar RRULE such as `FREQ=WEEKLY;BYDAY=MO`."""

    text: str = Field(min_length=1, max_length=2000)
    at: str = Field(min_length=1)
    repeat: str | None = None


class SetReminder(Action[ReminderSetArgs]):
    """Sets a reminder that fires in the conversation it was asked in."""

    name: ClassVar[str] = "reminder.set"
    summary: ClassVar[str] = "remind the owner at a time"
    Args = ReminderSetArgs
    declared: ClassVar[Impact] = "low"
    control: ClassVar[frozenset[str]] = frozenset({"at", "repeat"})
    undo_hint: ClassVar[str | None] = "cancel"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    gives_private: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self, when: When, rows: ReadModels) -> None:
        """Understand times through `when`; look reminders up in the read models."""
        self._when, self._rows = when, rows

    def settled(self, args: ReminderSetArgs, context: ActionContext) -> ReminderSetArgs:
        """Return the reminder with its first time as ISO 8601 in the owner's zone.

        Words that say how it comes again are used as well. Raises UnclearTimeError for words that
        may mean several times, BadInputError for a time that has passed and a rule that is no RRULE
        or another one than the words say.
        """
        meant = read_time(self._when, args.at, "at", context)
        at, repeat = meant.at, args.repeat or meant.repeat
        if meant.repeat is not None and repeat != meant.repeat:
            message = (
                f"{args.at!r} comes again by {meant.repeat}, and repeat says {args.repeat}: give "
                "the first time in `at`, as ISO 8601."
            )
            raise BadInputError(message)
        if repeat is not None:
            at = _first(repeat, at, context)
        if at <= context.now:
            message = f"{at.isoformat(timespec='minutes')} has passed: name a time in the future."
            raise BadInputError(message)
        return args.model_copy(update={"at": at.isoformat(timespec="seconds"), "repeat": repeat})

    def preview(self, args: ReminderSetArgs) -> Preview:
        """Return when and what."""
        repeat = f", repeats {spoken_rule(args.repeat, args.at)}" if args.repeat else ""
        return Preview(title=f"Remind you at {spoken_exactly(args.at)}{repeat}", body=args.text)

    async def run(self, args: ReminderSetArgs, context: ActionContext) -> ActionResult:
        """Append `reminder.set`."""
        reminder = short_id("R", context.marker, length=ID_LENGTH)
        payload = ReminderSet(
            reminder=reminder,
            conversation=context.conversation,
            text=Erasable.of(args.text),
            at=datetime.fromisoformat(args.at),
            timezone=getattr(context.timezone, "key", ""),
            repeat=args.repeat,
            sources=context.sources,
        )
        await context.emit(f"reminder:{reminder}", [payload])
        repeat = f", then {spoken_rule(args.repeat, args.at)}" if args.repeat else ""
        said = f"I will remind you on {spoken(args.at)}{repeat}: {args.text} ({reminder})"
        output = {"id": reminder, **args.model_dump()}
        return ActionResult(output=output, said=said, undo={"id": reminder})

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Cancel the reminder. Raises RefusedError for one that has rung."""
        row = await self._rows.get("reminders", undo["id"])
        if row is not None and row.state == "fired":
            message = f"Reminder {undo['id']} has rung already: there is nothing to cancel."
            raise RefusedError(message)
        cancelled = ReminderCancelled(reminder=undo["id"])
        await context.emit(f"reminder:{undo['id']}", [cancelled])
        return ActionResult(output=undo, said=f"Reminder {undo['id']} is cancelled.")


class ReminderCancelArgs(ActionArgs):
    """Which reminder, by its id."""

    id: str = Field(min_length=1)


class CancelReminder(Action[ReminderCancelArgs]):
    """Cancels a reminder."""

    name: ClassVar[str] = "reminder.cancel"
    summary: ClassVar[str] = "cancel a reminder"
    Args = ReminderCancelArgs
    declared: ClassVar[Impact] = "low"
    control: ClassVar[frozenset[str]] = frozenset({"id"})
    undo_hint: ClassVar[str | None] = "set again"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self, rows: ReadModels) -> None:
        """Look reminders up in the read models."""
        self._rows = rows

    def preview(self, args: ReminderCancelArgs) -> Preview:
        """Return which reminder."""
        return Preview(title=f"Cancel reminder {args.id}")

    async def run(self, args: ReminderCancelArgs, context: ActionContext) -> ActionResult:
        """Append `reminder.cancelled`. Raises BadInputError for one that is not set."""
        row = await self._rows.get("reminders", args.id)
        if row is None or row.state == "fired":
            message = f"There is no reminder {args.id!r} that is still due."
            raise BadInputError(message)
        at = row.due.isoformat() if row.due else row.doc["was_due"]
        await context.emit(f"reminder:{args.id}", [ReminderCancelled(reminder=args.id)])
        undo = {"id": args.id, "at": at}
        return ActionResult(output=undo, said=f"Reminder {args.id} is cancelled.", undo=undo)

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Set the reminder again; one whose time has passed fires at once."""
        at = datetime.fromisoformat(undo["at"])
        restored = ReminderRestored(reminder=undo["id"], at=at)
        await context.emit(f"reminder:{undo['id']}", [restored])
        return ActionResult(output=undo, said=f"Reminder {undo['id']} is set again.")


def _first(repeat: str, at: datetime, context: ActionContext) -> datetime:
    """Return the first time of a rule that is set now. Raises BadInputError."""
    try:
        later = check_rule(parse_rule(repeat), at, context.now, context.timezone)
    except RuleError as error:
        raise BadInputError(f"repeat: {quoted_rule(repeat)} {error}") from error
    if later is None:
        raise BadInputError(f"repeat: {quoted_rule(repeat)} has no time left in the future.")
    return at if at > context.now else later
