"""Stopping: the owner ends goals; what was done stays done, what was asked expires."""

from core.domain.errors import UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.gates import CardExpired
from core.domain.events.goals import GoalStopped, GoalWoken
from core.goals.state import GoalState
from core.goals.steps import open_cards
from core.kernel import Kernel
from core.ports.read_models import RowQuery

MOST = 1000
OPEN = frozenset({"active", "waiting"})


async def stop_goals(kernel: Kernel, conversation: str, goal: str | None, by: str) -> list[str]:
    """Stop one goal, or every open one of the conversation; return their titles.

    Raises UnknownThingError for a goal that is not open.
    """
    if goal is not None:
        row = await kernel.rows.get("goals", goal)
        if row is None or row.state not in OPEN:
            message = f"There is no open goal {goal!r}; /goals lists them."
            raise UnknownThingError(message)
        names = [goal]
    else:
        query = RowQuery("goals", group=conversation, states=OPEN)
        names = [row.key for row in await kernel.rows.find(query, limit=MOST)]
    return [await _stop(kernel, await kernel.goal(name), by) for name in names]


async def _stop(kernel: Kernel, state: GoalState, by: str) -> str:
    stopped = GoalStopped(conversation=state.conversation, by=by)
    events = [
        NewEvent(stream=f"goal:{state.id}", payload=stopped, goal=state.id, key=f"{state.id}:end")
    ]
    for card in open_cards(state):
        events += await _withdraw(kernel, state, card)
    await kernel.log.append(events)
    return f"{state.id} {state.title}"


async def _withdraw(kernel: Kernel, state: GoalState, card: str) -> list[NewEvent]:
    row = await kernel.rows.get("cards", card)
    if row is None or row.state != "open" or row.doc["goal"] != state.id:
        return []
    expired = CardExpired(card=card, conversation=row.group or "", reason=f"{state.id} was stopped")
    events = [NewEvent(stream=f"card:{card}", payload=expired, goal=state.id)]
    for joined in row.doc["joined"]:
        goal = joined["goal"]
        if goal != state.id:
            woken = GoalWoken(conversation=joined["conversation"], reason=f"{state.id} stopped")
            events.append(NewEvent(stream=f"goal:{goal}", payload=woken, goal=goal))
    return events
