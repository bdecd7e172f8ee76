"""Stopping: the owner ends goals; what was done stays done, what was asked expires."""

from collections.abc import Sequence

from core.domain.errors import UnknownThingError, UnreadableError, VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.gates import CardExpired
from core.domain.events.goals import GoalStopped, GoalWoken
from core.domain.events.messages import MessageUndeliverable
from core.domain.own_words import Own
from core.gates.views import joined_goals, open_card
from core.goals.state import GoalState
from core.goals.steps import open_cards
from core.kernel import Kernel
from core.ports.read_models import Row, RowQuery
from core.projections.goals import OPEN

TAKEN_BACK = "its goal was stopped"
"""Why what a stopped goal had to say is not said any more."""


async def stop_goals(kernel: Kernel, conversation: str, goal: str | None, by: str) -> list[str]:
    """Stop one goal, or every open one of the conversation; return their titles.

    Raises UnknownThingError for a goal that is not open.
    """
    if goal is not None:
        row = await kernel.rows.get("goals", goal)
        if row is not None and row.state not in OPEN:
            ended = f"{goal} has ended already ({row.doc['outcome']}): there is nothing to stop."
            raise UnknownThingError(ended)
        if row is None:
            message = f"There is no open goal {goal!r}; " + Own("/goals lists them.")
            raise UnknownThingError(message)
        names = [goal]
    else:
        query = RowQuery("goals", group=conversation, states=OPEN)
        names = [row.key for row in await kernel.rows.find(query, limit=None)]
    return [await _stop(kernel, name, by) for name in names]


async def _stop(kernel: Kernel, name: str, by: str) -> str:
    while True:
        try:
            state = await kernel.goal(name)
        except UnreadableError:
            return await _stop_unread(kernel, name, by)
        stopped = GoalStopped(conversation=state.conversation, by=by)
        stream = f"goal:{state.id}"
        events = [NewEvent(stream=stream, payload=stopped, goal=state.id, key=f"{state.id}:end")]
        expect: dict[str, int] = {}
        for card in open_cards(state):
            events += await withdrawn(kernel, state, card, stopped_reason(state), expect)
        events += await woken(kernel, state, f"{state.id} was stopped")
        events += await _unsent(kernel, state)
        try:
            await kernel.log.append(events, expect=expect)
        except VersionConflictError:
            continue
        return f"{state.id} {state.title}"


async def _unsent(kernel: Kernel, state: GoalState) -> list[NewEvent]:
    """Return the events that take back what a goal has to say and did not say yet."""
    query = RowQuery(
        "outbox", group=state.conversation, states=frozenset({"queued", "sending"}), order="written"
    )
    rows = await kernel.rows.find(query, limit=None)
    return [
        NewEvent(
            stream=f"conversation:{state.conversation}",
            payload=MessageUndeliverable(
                message=row.key,
                conversation=state.conversation,
                channel=state.conversation.partition(":")[0],
                error=TAKEN_BACK,
            ),
            goal=state.id,
            key=f"undeliverable:{row.key}",
        )
        for row in rows
        if row.doc["goal"] == state.id
    ]


async def _stop_unread(kernel: Kernel, name: str, by: str) -> str:
    row = await kernel.rows.get("goals", name)
    if row is not None:
        await kernel.log.append(await ends_unread(kernel, row, by, f"{name} was stopped"))
    return name


async def ends_unread(kernel: Kernel, row: Row, by: str, reason: str) -> list[NewEvent]:
    """Return the events that stop a goal without a look at what happened in it."""
    name, conversation = row.key, row.group or ""
    query = RowQuery("cards", group=conversation, states=frozenset({"open"}))
    open_rows = await kernel.rows.find(query, limit=None)
    cards = [card.key for card in open_rows if card.doc.get("goal") == name]
    stopped = GoalStopped(conversation=conversation, by=by, reason=reason)
    events = [NewEvent(stream=f"goal:{name}", payload=stopped, goal=name, key=f"{name}:end")]
    for card in cards:
        expired = CardExpired(card=card, conversation=conversation, reason=reason)
        events.append(NewEvent(stream=f"card:{card}", payload=expired, goal=name))
    return events + await _woken(kernel, name, cards, reason)


def stopped_reason(state: GoalState) -> str:
    """Say why the question of a stopped goal no longer stands, and what to do next."""
    return f"{state.id} was stopped; ask again to start over"


async def withdrawn(
    kernel: Kernel, state: GoalState, card: str, reason: str, expect: dict[str, int]
) -> list[NewEvent]:
    """Return the event that expires a card of the goal, if it is open.

    It holds at the version that is added to `expect`: nobody answered or joined meanwhile.
    """
    found = await open_card(kernel, card)
    if found is None or found[0].doc["goal"] != state.id:
        return []
    row, stream = found[0], f"card:{card}"
    expect[stream] = found[1]
    expired = CardExpired(card=card, conversation=row.group or "", reason=reason)
    return [NewEvent(stream=stream, payload=expired, goal=state.id)]


async def woken(kernel: Kernel, state: GoalState, reason: str) -> list[NewEvent]:
    """Return the events that wake the goals which wait for an outcome of this one."""
    cards = [card for task in state.tasks.values() if not task.ended for card in task.cards]
    return await _woken(kernel, state.id, cards, reason)


async def _woken(kernel: Kernel, name: str, cards: Sequence[str], reason: str) -> list[NewEvent]:
    joined = await joined_goals(kernel, name, cards)
    return [
        NewEvent(
            stream=f"goal:{goal}",
            payload=GoalWoken(conversation=conversation, reason=reason),
            goal=goal,
        )
        for goal, conversation in joined.items()
    ]
