"""`task.add` and `task.done`."""

from typing import Any, ClassVar

from pydantic import Field

from core.domain.cards import Impact
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, UnclearTimeError
from core.domain.events.personal import TodoAdded, TodoDone, TodoRemoved, TodoReopened
from core.domain.ids import short_id
from core.domain.sources import Source
from core.domain.spoken import spoken
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, RowQuery
from core.ports.when import When, read_time

ID_LENGTH = 6
NAMED = 10
"""To-dos that an error names: as many as one reads in a sentence."""


class TaskAddArgs(ActionArgs):
    """A to-do; `due` is a date or time, ISO or in words."""

    title: str = Field(min_length=1, max_length=500)
    due: str | None = None
    project: str | None = None


class TaskAdd(Action[TaskAddArgs]):
    """Writes a to-do down."""

    name: ClassVar[str] = "task.add"
    summary: ClassVar[str] = "add a to-do"
    Args = TaskAddArgs
    declared: ClassVar[Impact] = "low"
    control: ClassVar[frozenset[str]] = frozenset({"due", "project"})
    undo_hint: ClassVar[str | None] = "reverse"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    gives_private: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self, when: When) -> None:
        """Understand due times through `when`."""
        self._when = when

    def settled(self, args: TaskAddArgs, context: ActionContext) -> TaskAddArgs:
        """Return the to-do with its due time as ISO 8601 in the owner's zone.

        Raises UnclearTimeError for words that may mean several times, BadInputError for one that
        comes again: a to-do is done once.
        """
        if args.due is None:
            return args
        once = (
            f"A to-do does not come again, and {args.due!r} does: set a reminder that repeats, "
            "or name one day."
        )
        try:
            meant = read_time(self._when, args.due, "due", context)
        except UnclearTimeError as error:
            if any(one.repeat for one in error.readings):
                raise BadInputError(once) from error
            raise
        if meant.repeat is not None:
            raise BadInputError(once)
        return args.model_copy(update={"due": meant.at.isoformat(timespec="minutes")})

    def preview(self, args: TaskAddArgs) -> Preview:
        """Return the to-do."""
        return Preview(title=f"Add a to-do: {args.title}", body=details(args.due, args.project))

    async def run(self, args: TaskAddArgs, context: ActionContext) -> ActionResult:
        """Append `todo.added`."""
        todo = short_id("T", context.marker, length=ID_LENGTH)
        added = TodoAdded(
            todo=todo,
            title=Erasable.of(args.title),
            due=args.due,
            project=args.project,
            sources=context.sources,
        )
        await context.emit(f"todo:{todo}", [added])
        more = details(args.due, args.project)
        said = f"To-do {todo}: {args.title}{f' ({more})' if more else ''}."
        return ActionResult(output={"id": todo, **args.model_dump()}, said=said, undo={"id": todo})

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Take the to-do back."""
        await context.emit(f"todo:{undo['id']}", [TodoRemoved(todo=undo["id"])])
        return ActionResult(output=undo, said=f"To-do {undo['id']} is gone again.")


class TaskDoneArgs(ActionArgs):
    """Which to-do, by its id."""

    id: str = Field(min_length=1)


class TaskDone(Action[TaskDoneArgs]):
    """Marks a to-do as done."""

    name: ClassVar[str] = "task.done"
    summary: ClassVar[str] = "mark a to-do as done"
    Args = TaskDoneArgs
    declared: ClassVar[Impact] = "low"
    control: ClassVar[frozenset[str]] = frozenset({"id"})
    undo_hint: ClassVar[str | None] = "reverse"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self, log: EventLog, rows: ReadModels) -> None:
        """Look to-dos up in the read models."""
        self._log, self._rows = log, rows

    def preview(self, args: TaskDoneArgs) -> Preview:
        """Return which to-do."""
        return Preview(title=f"Mark to-do {args.id} as done")

    async def run(self, args: TaskDoneArgs, context: ActionContext) -> ActionResult:
        """Append `todo.done`. Raises BadInputError for a to-do that is not open."""
        row = await self._rows.get("todos", args.id)
        if row is None or row.state == "removed":
            message = f"There is no to-do {args.id!r}; open ones: {await self._open()}."
            raise BadInputError(message)
        title = (await self._log.values([row.doc["title"]["ref"]])).get(row.doc["title"]["ref"])
        await context.emit(f"todo:{args.id}", [TodoDone(todo=args.id)])
        output = {"id": args.id, "title": title}
        return ActionResult(
            output=output,
            said=f"Done: {title}.",
            undo={"id": args.id},
            sources=tuple(Source.model_validate(source) for source in row.doc["sources"]),
        )

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Open the to-do again."""
        await context.emit(f"todo:{undo['id']}", [TodoReopened(todo=undo["id"])])
        return ActionResult(output=undo, said=f"To-do {undo['id']} is open again.")

    async def _open(self) -> str:
        query = RowQuery("todos", states=frozenset({"open"}))
        rows = await self._rows.find(query, limit=NAMED)
        more = await self._rows.count(query) - len(rows)
        named = ", ".join(row.key for row in rows) or "none"
        return f"{named} and {more} more (task.list has all)" if more > 0 else named


def details(due: str | None, project: str | None) -> str:
    """Return what stands behind the title of a to-do: `due …, project …`."""
    parts = [f"due {spoken(due)}" if due else "", f"project {project}" if project else ""]
    return ", ".join(part for part in parts if part)
