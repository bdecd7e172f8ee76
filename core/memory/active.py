"""The open goals of a conversation, a line each: what goes on beside the one being planned."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from core.domain.base import Frozen
from core.domain.erasable import ERASED
from core.domain.errors import UnreadableError
from core.goals.fold import fold
from core.goals.state import GoalState, TaskState
from core.log.reading import every_event
from core.memory.turns import short
from core.ports.event_log import EventLog, EventQuery
from core.ports.read_models import ReadModels, Row, RowQuery
from core.projections.goals import OPEN

MOST = 5
"""Open goals with a line of their own: what a person has in mind at once; others are counted."""

TITLE = 80
UNREADABLE = "a goal whose events cannot be read"
UNTITLED = "a goal whose words came from outside"
WORDS = {
    "pending": "to do",
    "started": "under way",
    "asked": "asked",
    "joined": "asked",
    "cleared": "about to run",
    "running": "under way",
    "rejected": "rejected",
    "expired": "not answered",
    "finished": "done",
    "failed": "failed",
}


class ActiveGoal(Frozen):
    """An open goal; the line holds while `state`, `cards` and the `version` of its stream do."""

    goal: str
    state: str
    cards: tuple[str, ...]
    version: int
    line: str
    outside: bool = False


async def active_goals(
    log: EventLog,
    rows: ReadModels,
    conversation: str,
    skip: Sequence[str],
    known: Sequence[ActiveGoal],
) -> tuple[ActiveGoal, ...]:
    """Return the open goals, oldest first, but for the one that answers a message of `skip`.

    One of `known` that is still true of the log is taken as it is.
    """
    query = RowQuery("goals", group=conversation, states=OPEN)
    answering = await _answering(rows, skip)
    most = MOST + len(answering)
    found = await rows.find(query, limit=most)
    others = [row for row in found if row.key not in answering][:MOST]
    before = {goal.goal: goal for goal in known}
    goals = [await _goal(log, row, before.get(row.key)) for row in others]
    goals.sort(key=lambda goal: (len(goal.goal), goal.goal))
    open_goals = await rows.count(query) if len(found) == most else len(found)
    more = open_goals - len(answering) - len(others)
    return (*goals, *([_beyond(more)] if more > 0 else []))


async def _answering(rows: ReadModels, messages: Sequence[str]) -> frozenset[str]:
    """Return the open goals that answer the messages."""
    said = [await rows.get("messages", message) for message in messages]
    names = {str(row.doc["goal"]) for row in said if row is not None and row.doc["goal"]}
    there = [await rows.get("goals", name) for name in sorted(names)]
    return frozenset(row.key for row in there if row is not None and row.state in OPEN)


def _beyond(more: int) -> ActiveGoal:
    """Return one line for the open goals that have none of their own."""
    goals = "1 more open goal" if more == 1 else f"{more} more open goals"
    line = f"and {goals}: /goals lists them"
    return ActiveGoal(goal="more", state="", cards=(), version=0, line=line)


async def _goal(log: EventLog, row: Row, known: ActiveGoal | None) -> ActiveGoal:
    version, cards = await log.version(f"goal:{row.key}"), tuple(row.doc["cards"])
    now = (row.state, cards, version)
    if known is not None and (known.state, known.cards, known.version) == now:
        return known
    line, outside = UNREADABLE, False
    events = await every_event(log, EventQuery(goal=row.key))
    with suppress(UnreadableError):  # it must not take the talk about others with it
        state = fold(row.key, events)
        line = f"{_title(state)}{_tasks(state)}{_waits(cards)}"
        outside = bool(state.sources)
    return ActiveGoal(
        goal=row.key,
        state=row.state or "",
        cards=cards,
        version=version,
        line=f"[{row.key}] {line}",
        outside=outside,
    )


def _title(state: GoalState) -> str:
    if state.sources or not state.title or state.title == ERASED:
        return UNTITLED if state.sources else "a goal"
    return short(state.title)[:TITLE]


def _tasks(state: GoalState) -> str:
    """Name what each task does in our own words: neither its input nor its output."""
    told = Counter(_task(task) for task in state.tasks.values() if not task.superseded)
    parts = [f"{what}{f' ({many} times)' if many > 1 else ''}" for what, many in told.items()]
    return f": {', '.join(parts)}" if parts else ": not planned yet"


def _task(task: TaskState) -> str:
    return f"{task.planned.action or task.planned.agent} {WORDS[task.status]}"


def _waits(cards: Sequence[str]) -> str:
    return f"; waits for card {', '.join(cards)}" if cards else ""
