"""`task.list` and `reminder.list`: all that is open, however much of it a prompt has room for."""

from abc import abstractmethod
from typing import Any, ClassVar

from core.domain.cards import Impact
from core.domain.erasable import ERASED
from core.domain.sources import Source, merged
from core.domain.spoken import spoken, spoken_rule
from core.operations.own.todos import details
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, Row, RowQuery

MOST = 200


class ListArgs(ActionArgs):
    """Nothing is asked for: the list is whole."""


class _OwnList(Action[ListArgs]):
    """Reads rows of the owner's own data, with the outside sources they came from."""

    Args = ListArgs
    declared: ClassVar[Impact] = "none"
    public_sink: ClassVar[bool] = False
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    wanted: ClassVar[RowQuery]
    text: ClassVar[str]
    heading: ClassVar[str]
    nothing: ClassVar[str]

    def __init__(self, log: EventLog, rows: ReadModels) -> None:
        """Read texts from the log and the rest from the read models."""
        self._log, self._rows = log, rows

    def preview(self, args: ListArgs) -> Preview:
        """Return what is listed."""
        return Preview(title=self.summary.capitalize())

    async def run(self, args: ListArgs, context: ActionContext) -> ActionResult:
        """Return the rows as data and as a list to read."""
        rows = list(await self._rows.find(self.wanted, limit=MOST))
        more = await self._rows.count(self.wanted) - len(rows)
        texts = await self._log.values([row.doc[self.text]["ref"] for row in rows])
        found = [(row, texts.get(row.doc[self.text]["ref"], ERASED)) for row in rows]
        lines = [f"- {row.key} {self.line(row, text, context)}" for row, text in found]
        said = "\n".join([self.heading, *lines, *([f"… and {more} more"] if more > 0 else [])])
        sources = (Source.model_validate(one) for row in rows for one in row.doc["sources"])
        return ActionResult(
            output={"items": [self.item(row, text) for row, text in found], "more": max(0, more)},
            said=said if rows else self.nothing,
            sources=merged(tuple(sources)),
        )

    @abstractmethod
    def line(self, row: Row, text: str, context: ActionContext) -> str:
        """Return a row to read."""

    @abstractmethod
    def item(self, row: Row, text: str) -> dict[str, Any]:
        """Return a row as data."""


class TaskList(_OwnList):
    """Lists the open to-dos, newest first."""

    name: ClassVar[str] = "task.list"
    summary: ClassVar[str] = "list all open to-dos"
    wanted = RowQuery("todos", states=frozenset({"open"}), order="written", newest_first=True)
    text = "title"
    heading = "Your to-dos:"
    nothing = "No open to-do."

    def line(self, row: Row, text: str, context: ActionContext) -> str:
        """Return `Call Bob (due …, project …)`."""
        more = details(row.doc["due"], row.doc["project"])
        return f"{text} ({more})" if more else text

    def item(self, row: Row, text: str) -> dict[str, Any]:
        """Return id, title, due and project."""
        doc = row.doc
        return {"id": row.key, "title": text, "due": doc["due"], "project": doc["project"]}


class ReminderList(_OwnList):
    """Lists the reminders that are set, the next one first."""

    name: ClassVar[str] = "reminder.list"
    summary: ClassVar[str] = "list all reminders that are set"
    wanted = RowQuery("reminders", states=frozenset({"set"}), order="due")
    text = "text"
    heading = "Your reminders:"
    nothing = "No reminder is set."

    def line(self, row: Row, text: str, context: ActionContext) -> str:
        """Return `Fri 27 Nov 2026 09:00, every Friday: call Bob`."""
        due = row.due.astimezone(context.timezone).isoformat() if row.due else ""
        repeat = f", {spoken_rule(row.doc['repeat'], due)}" if row.doc["repeat"] else ""
        return f"{spoken(due)}{repeat}: {text}"

    def item(self, row: Row, text: str) -> dict[str, Any]:
        """Return id, text, time and repetition."""
        at = row.due.isoformat() if row.due else None
        return {"id": row.key, "text": text, "at": at, "repeat": row.doc["repeat"]}
