"""The drain: fold, find what can go on, run it side by side, until all waits or has ended."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from core.domain.errors import (
    BudgetExceededError,
    BugError,
    OutcomeUnknownError,
    OvertakenError,
    TransientError,
    VersionConflictError,
)
from core.domain.events import Event, NewEvent
from core.domain.events.goals import GoalStopped, GoalWaiting
from core.gates.views import open_card
from core.goals.agent_task import run_agent
from core.goals.backlog import hold_backlog
from core.goals.budgeting import apply_budget
from core.goals.closing import close_task, follow_joined
from core.goals.delivery import Delivery
from core.goals.failing import fail_step
from core.goals.finishing import Replies, finish_goal
from core.goals.gating import gate_tasks
from core.goals.planning import plan_goal
from core.goals.reminding import fire_reminders
from core.goals.replanning import replan_goal
from core.goals.reviewing import review_task
from core.goals.setting_aside import Attempts, SettingAside, Subject
from core.goals.shown import Titles, steps_shown
from core.goals.starting import start_goals
from core.goals.state import GoalState
from core.goals.steps import Scope, Step, StepKind, next_steps, open_cards, wake_at
from core.kernel import Kernel
from core.operations.operate import operate
from core.ports.chat_surface import Progress
from core.ports.chat_surface import Step as ShownStep
from core.ports.read_models import Row, RowQuery
from core.telemetry.health import weigh

GRACE_S = 5.0
MOST_SPINS = 10

logger = logging.getLogger(__name__)
_WHOLE = {
    "plan": plan_goal,
    "replan": replan_goal,
    "finish": finish_goal,
    "budget": apply_budget,
}
_TOLD = {"agent": run_agent, "review": review_task, "operate": operate}
_SILENT = {"close": close_task}
_ASKING = frozenset({"plan", "replan", "agent", "review"})
"""Steps that ask a model. They are broken off when their goal is stopped: what they would say
nobody wants any more. An operation under way is let end, or its outcome would be unknown."""
_NO_NEWS = frozenset(
    {
        "message.sending.v1",
        "message.sent.v1",
        "card.shown.v1",
        "context.recalled.v1",
        "budget.reserved.v1",
        "budget.settled.v1",
        "model.called.v1",
        "operation.started.v1",
        "operation.committing.v1",
    }
)
"""What drains append on their way: after these alone nothing more can go on than before."""

Running = dict[tuple[str, str, str], asyncio.Task[None]]


class _Work:
    """One drain under way: what runs, what it listens to, what could not be delivered."""

    def __init__(self, conversation: str, titles: Titles, aside: SettingAside) -> None:
        self.conversation, self.titles = conversation, titles
        self.attempts = Attempts(aside)
        self.running: Running = {}
        self.known: dict[str, list[Event]] = defaultdict(list)
        self.changed = asyncio.Event()
        self.undelivered: TransientError | OutcomeUnknownError | None = None
        self.shown: dict[str, tuple[ShownStep, ...]] = {}
        self.kinds: dict[tuple[str, str, str], StepKind] = {}
        self.stopped: set[str] = set()
        """Goals whose calls were broken off: nothing more of them is shown."""
        self._begun: dict[tuple[str, str, str], tuple[int, int]] = {}

    def note(self, events: Sequence[Event]) -> None:
        """Hear of events that may let something go on, and of goals that are stopped."""
        for event in events:
            if event.type == GoalStopped.wire:
                self.break_off(event.goal)
        if any(self._concerns(event) for event in events):
            self.changed.set()

    def _concerns(self, event: Event) -> bool:
        if event.type in _NO_NEWS or event.payload.get("origin") == "message":
            return False  # a goal that a message starts is begun in the very pass that starts it
        return (
            event.goal in self.known
            or event.stream == f"conversation:{self.conversation}"
            or event.payload.get("conversation") == self.conversation
        )

    def break_off(self, goal: str | None) -> None:
        """End what a goal asks of models; what that cost is counted all the same."""
        for key, task in self.running.items():
            if key[0] == goal and self.kinds[key] in _ASKING:
                self.stopped.add(key[0])
                task.cancel()

    def busy(self, goal: str) -> bool:
        """Return whether a step of the goal runs."""
        return any(key[0] == goal for key in self.running)

    def at_work(self, goal: str) -> frozenset[str]:
        """Return the tasks of the goal that somebody works on."""
        return frozenset(key[2] for key in self.running if key[0] == goal and key[2])

    def count(self, step: Step, state: GoalState) -> int:
        """Return how often the step was begun before without a new event of its goal."""
        last, spins = self._begun.get(step.key, (state.last, -1))
        spins = spins + 1 if last == state.last else 0
        self._begun[step.key] = (state.last, spins)
        return spins

    async def something(self) -> None:
        """Return when an event came or a step ended; raise what the step raised."""
        notice = asyncio.ensure_future(self.changed.wait())
        await asyncio.wait([notice, *self.running.values()], return_when=asyncio.FIRST_COMPLETED)
        notice.cancel()
        for key in [key for key, task in self.running.items() if task.done()]:
            task = self.running.pop(key)
            if not (task.cancelled() and key[0] in self.stopped):
                task.result()


class Drain:
    """Advances one conversation at a time; an instance serves all conversations of a process."""

    def __init__(
        self, kernel: Kernel, wake: Callable[..., Awaitable[None]], since: int = 0
    ) -> None:
        """Wake the engine through `wake(conversation, at)` for what waits for a time.

        `since` is the position of the log at which this process began.
        """
        self._kernel, self._wake = kernel, wake
        self._replies = Replies(kernel)
        self._delivery = Delivery(kernel, self._replies, wake, since)
        self._aside = SettingAside(kernel, self._replies)

    async def __call__(self, conversation: str) -> None:
        """Run until every goal of the conversation waits or has ended. Idempotent.

        Raises TransientError when something due could not be delivered, and what failed for the
        first time; the engine tries again. What fails again is set aside, so that it goes on.
        """
        titles = Titles(self._kernel.actions, self._kernel.redactor)
        work = _Work(conversation, titles, self._aside)
        before: dict[str, int] = {}
        unlisten = self._kernel.log.listen(work.note)
        try:
            while True:
                work.changed.clear()
                seen, settled = await self._advance(work)
                if not work.running:
                    if settled or seen == before:
                        break
                    before = seen
                    continue
                await work.something()
        finally:
            unlisten()
            await _wind_down(work.running)
        self._kernel.progress(Progress(conversation, ""))
        if (failure := work.undelivered or work.attempts.error) is not None:
            raise failure

    async def _advance(self, work: _Work) -> tuple[dict[str, int], bool]:
        """Begin what can go on; return where each goal stands, and whether all of them wait."""
        kernel, seen, settled, planning = self._kernel, dict[str, int](), True, False
        await fire_reminders(kernel, self._replies, work.conversation, work.attempts)
        await self._start_goals(work)
        await self._deliver(work)
        active = await self._goals(work.conversation)
        self._show_ends(work, active)
        for row in active:
            if planning and not row.doc["planned"]:
                continue
            subject = Subject("goal", row)
            state = await work.attempts.attempt(subject, partial(self._fold, work, row.key))
            if state is None:
                seen[row.key], settled = -1, False
                continue
            planning = self._begin(work, state, subject) or planning
            if not work.busy(state.id):
                settled = await self._settle(state) and settled
            seen[state.id] = state.last
        return seen, settled

    async def _start_goals(self, work: _Work) -> None:
        """Begin what was said here, but for what is one question with much else."""
        conversation = work.conversation
        backlog = await hold_backlog(self._kernel, self._replies, conversation)
        if backlog.asked is not None and backlog.asked != conversation:
            await self._wake(backlog.asked)
        settles = await start_goals(self._kernel, conversation, work.attempts, backlog.left)
        for at in (settles, backlog.until):
            if at is not None:
                await self._wake(conversation, at)

    async def _fold(self, work: _Work, goal: str) -> GoalState:
        """Return where a goal stands, also where it waits for what another one was asked."""
        state = await self._kernel.goal(goal, work.known[goal])
        if await follow_joined(self._kernel, state):
            state = await self._kernel.goal(goal, work.known[goal])
        return state

    async def _deliver(self, work: _Work) -> None:
        """Deliver what is due; a surface that cannot be reached holds up no other work."""
        if work.undelivered is not None:
            return
        try:
            await self._delivery.deliver(work.conversation, work.attempts)
        except (TransientError, OutcomeUnknownError) as error:
            work.undelivered = error

    def _begin(self, work: _Work, state: GoalState, subject: Subject) -> bool:
        """Begin the steps of a goal that are not under way; return whether one is to plan it."""
        steps = next_steps(state, self._kernel.clock.now(), self._scope())
        for step in steps:
            if step.key not in work.running:
                spins = work.count(step, state)
                run = partial(self._step, step, state, spins)
                step_attempt = work.attempts.attempt(replace(subject, doing=step.kind), run)
                work.kinds[step.key] = step.kind
                work.running[step.key] = asyncio.create_task(step_attempt)
        self._show(work, state)
        return any(step.kind == "plan" for step in steps)

    def _show(self, work: _Work, state: GoalState) -> None:
        """Tell people who wait how far the steps of a goal are, whenever that changes."""
        steps = steps_shown(state, work.at_work(state.id), work.titles)
        if steps and steps != work.shown.get(state.id):
            work.shown[state.id] = steps
            self._kernel.progress(Progress(state.conversation, state.id, steps=steps))

    def _show_ends(self, work: _Work, active: Sequence[Row]) -> None:
        """Tell that nothing goes on any more in goals whose steps were shown."""
        for goal in (work.shown.keys() | work.stopped) - {row.key for row in active}:
            work.shown.pop(goal, None)
            self._kernel.progress(Progress(work.conversation, goal))

    def _scope(self) -> Scope:
        kernel = self._kernel
        replans = 0 if kernel.calls.offline else kernel.agents.get("planner").replans
        return Scope(
            leaving=kernel.actions.leaving(), replans=replans, roaming=kernel.agents.roaming()
        )

    async def _goals(self, conversation: str) -> list[Row]:
        rows = self._kernel.rows
        active = RowQuery("goals", group=conversation, states=frozenset({"active"}))
        due = RowQuery(
            "goals",
            group=conversation,
            states=frozenset({"waiting"}),
            due_by=self._kernel.clock.now(),
        )
        found = [*await rows.find(active, limit=None), *await rows.find(due, limit=None)]
        return sorted(found, key=lambda row: int(row.doc["position"]))

    async def _step(self, step: Step, state: GoalState, spins: int) -> None:
        """Run one step; losing a race is no error, anything unforeseen ends in a clear sentence."""
        try:
            _check_progress(step, spins)
            await self._run(step, state)
        except (VersionConflictError, OvertakenError) as conflict:
            logger.debug("folding %s again: %s", step.goal, conflict)
        except BudgetExceededError:
            logger.info("%s waits for a budget", step.goal)
        except Exception as error:
            logger.exception("step %s of %s failed", step.kind, step.goal)
            await fail_step(self._kernel, self._replies, step, error)

    async def _run(self, step: Step, state: GoalState) -> None:
        kernel, replies = self._kernel, self._replies
        whole = _WHOLE.get(step.kind)
        if whole is not None:
            await whole(kernel, replies, state)
            if step.kind == "plan":
                await weigh(kernel.log, kernel.rows, "agent:planner")
        elif step.kind == "gate":
            await gate_tasks(kernel, state, step.tasks)
        else:
            task = state.tasks[step.tasks[0]]
            if step.kind in _TOLD:
                await _TOLD[step.kind](kernel, replies, state, task)
            else:
                await _SILENT[step.kind](kernel, state, task)

    async def _settle(self, state: GoalState) -> bool:
        """Write down that a goal without a step waits; return whether it does."""
        cards, until = open_cards(state), wake_at(state)
        if state.ended or not (cards or until):
            return False
        if state.waiting != cards or state.until != until:
            await self._append_waiting(
                state, GoalWaiting(conversation=state.conversation, cards=cards, until=until)
            )
        if until is not None:
            await self._wake(state.conversation, until)
        return True

    async def _append_waiting(self, state: GoalState, payload: GoalWaiting) -> None:
        """Append it unless an answer came since the fold: then the goal stays awake."""
        event = NewEvent(stream=f"goal:{state.id}", payload=payload, goal=state.id)
        expect = {event.stream: state.version}
        asked = [task.card for task in state.tasks.values() if task.status == "asked"]
        for card in (*asked, state.budget_card if state.budget == "asked" else None):
            if card:
                found = await open_card(self._kernel, card)
                expect[f"card:{card}"] = found[1] if found else 0
        try:
            await self._kernel.log.append([event], expect=expect)
        except VersionConflictError:
            await self._wake(state.conversation)


def _check_progress(step: Step, spins: int) -> None:
    if spins > MOST_SPINS:
        message = f"The step {step.kind!r} of {step.goal} changes nothing: given up."
        raise BugError(message)


async def _wind_down(running: Running) -> None:
    """Give steps that were begun a moment to end, so that fewer outcomes are unknown."""
    if not running:
        return
    try:
        await asyncio.wait(running.values(), timeout=GRACE_S)
    finally:  # whoever cancels again is in a hurry; none may go on behind a closed store
        while late := [task for task in running.values() if not task.done()]:
            for task in late:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait(late, timeout=GRACE_S)
        await asyncio.gather(*running.values(), return_exceptions=True)
