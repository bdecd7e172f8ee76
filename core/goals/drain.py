"""The drain: fold, find what can go on, run it side by side, until all waits or has ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from core.domain.errors import BudgetExceededError, VersionConflictError
from core.domain.events import Event, NewEvent
from core.domain.events.goals import GoalWaiting
from core.goals.agent_task import run_agent
from core.goals.budgeting import apply_budget
from core.goals.closing import close_task, follow_joined
from core.goals.delivery import Delivery
from core.goals.failing import fail_step
from core.goals.finishing import Replies, finish_goal
from core.goals.gating import gate_tasks
from core.goals.planning import plan_goal
from core.goals.reminding import fire_reminders
from core.goals.starting import start_goals
from core.goals.state import GoalState
from core.goals.steps import Step, next_steps, open_cards, wake_at
from core.kernel import Kernel
from core.operations.operate import operate
from core.ports.chat_surface import Progress
from core.ports.read_models import RowQuery

MOST = 1000
GRACE_S = 5.0

logger = logging.getLogger(__name__)
Running = dict[tuple[str, str, str], asyncio.Task[None]]


class Drain:
    """Advances one conversation at a time; an instance serves all conversations of a process."""

    def __init__(self, kernel: Kernel, wake: Callable[..., Awaitable[None]]) -> None:
        """Wake the engine through `wake(conversation, at)` for what waits for a time."""
        self._kernel, self._wake = kernel, wake
        self._replies = Replies(kernel)
        self._delivery = Delivery(kernel, self._replies, wake)

    async def __call__(self, conversation: str) -> None:
        """Run until every goal of the conversation waits or has ended. Idempotent.

        Raises TransientError when something due could not be delivered; the engine tries again.
        """
        running: Running = {}
        changed = asyncio.Event()
        seen: dict[str, int] = {}
        unlisten = self._kernel.log.listen(lambda events: _note(changed, conversation, events))
        try:
            while True:
                changed.clear()
                states = await self._advance(conversation, running)
                if not running:
                    seen, before = {s.id: s.last for s in states}, seen
                    if await self._settle(states) or seen == before:
                        break
                    continue
                notice = asyncio.ensure_future(changed.wait())
                waiting = [notice, *running.values()]
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                notice.cancel()
                for key in [key for key, task in running.items() if task.done()]:
                    running.pop(key).result()
        finally:
            unlisten()
            await _wind_down(running)
        self._kernel.progress(Progress(conversation, ""))

    async def _advance(self, conversation: str, running: Running) -> list[GoalState]:
        kernel = self._kernel
        await fire_reminders(kernel, self._replies, conversation)
        await start_goals(kernel, conversation)
        await self._delivery.deliver(conversation)
        states, planning = [], False
        for goal in await self._goals(conversation):
            state = await kernel.goal(goal)
            if await follow_joined(kernel, state):
                state = await kernel.goal(goal)
            for step in next_steps(state, kernel.clock.now()):
                if step.kind == "plan" and planning:
                    continue
                planning = planning or step.kind == "plan"
                if step.key not in running:
                    running[step.key] = asyncio.create_task(self._step(step, state))
            states.append(state)
        return states

    async def _goals(self, conversation: str) -> list[str]:
        rows = self._kernel.rows
        active = RowQuery("goals", group=conversation, states=frozenset({"active"}))
        due = RowQuery(
            "goals",
            group=conversation,
            states=frozenset({"waiting"}),
            due_by=self._kernel.clock.now(),
        )
        found = [*await rows.find(active, limit=MOST), *await rows.find(due, limit=MOST)]
        return [row.key for row in sorted(found, key=lambda row: int(row.doc["position"]))]

    async def _step(self, step: Step, state: GoalState) -> None:
        """Run one step; losing a race is no error, anything unforeseen ends in a clear sentence."""
        try:
            await self._run(step, state)
        except VersionConflictError as conflict:
            logger.debug("folding %s again: %s", step.goal, conflict)
        except BudgetExceededError:
            logger.info("%s waits for a budget", step.goal)
        except Exception as error:
            logger.exception("step %s of %s failed", step.kind, step.goal)
            await fail_step(self._kernel, self._replies, step, error)

    async def _run(self, step: Step, state: GoalState) -> None:
        kernel, replies = self._kernel, self._replies
        if step.kind == "plan":
            await plan_goal(kernel, replies, state)
        elif step.kind == "finish":
            await finish_goal(kernel, replies, state)
        elif step.kind == "budget":
            await apply_budget(kernel, replies, state)
        elif step.kind == "gate":
            await gate_tasks(kernel, state, step.tasks)
        else:
            task = state.tasks[step.tasks[0]]
            if step.kind == "agent":
                await run_agent(kernel, replies, state, task)
                return
            runs = {"operate": operate, "close": close_task}
            await runs[step.kind](kernel, state, task)

    async def _settle(self, states: Sequence[GoalState]) -> bool:
        """Write down that goals wait; return whether nothing more can be done now."""
        settled = True
        for state in states:
            if state.ended:
                settled = False
                continue
            cards, until = open_cards(state), wake_at(state)
            if not cards and until is None:
                settled = False
                continue
            if state.waiting != cards or state.until != until:
                await self._append_waiting(
                    state, GoalWaiting(conversation=state.conversation, cards=cards, until=until)
                )
            if until is not None:
                await self._wake(state.conversation, until)
        return settled

    async def _append_waiting(self, state: GoalState, payload: GoalWaiting) -> None:
        event = NewEvent(stream=f"goal:{state.id}", payload=payload, goal=state.id)
        try:
            await self._kernel.log.append([event], expect={event.stream: state.version})
        except VersionConflictError:
            await self._wake(state.conversation)


def _note(changed: asyncio.Event, conversation: str, events: Sequence[Event]) -> None:
    if any(
        event.goal is not None
        or event.stream == f"conversation:{conversation}"
        or event.payload.get("conversation") == conversation
        for event in events
    ):
        changed.set()


async def _wind_down(running: Running) -> None:
    """Give steps that were begun a moment to end, so that fewer outcomes are unknown."""
    if not running:
        return
    _, late = await asyncio.wait(running.values(), timeout=GRACE_S)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
