"""The fold of a goal's events into its state; pure, and total over unknown types."""

from collections.abc import Callable, Iterable
from typing import Any

from core.domain.errors import UnreadableError
from core.domain.events import Event, Payload, decode
from core.domain.events import gates as gate_events
from core.domain.events import goals as goal_events
from core.domain.events import models as model_events
from core.domain.events import operations as op_events
from core.domain.ids import operation_marker
from core.domain.plan import Plan, PlannedTask
from core.domain.sources import merged
from core.domain.templates import Output
from core.goals.state import GoalState, Reviewed, TaskState

SUPERSEDED = frozenset({"refused", "failed", "skipped"})


def fold(goal: str, events: Iterable[Event]) -> GoalState:
    """Return the state after `events`, which carry their texts. Raises UnreadableError."""
    state = GoalState(id=goal)
    for event in events:
        state.first = state.first or event.position
        state.last, state.at = event.position, event.at
        if event.stream == f"goal:{goal}":
            state.version = event.version
        try:
            _apply(state, decode(event))
        except Exception as error:  # the fold is pure: whatever is raised is for the event's sake
            raise UnreadableError(goal, event.position, event.type) from error
    return state


def _apply(state: GoalState, payload: Payload) -> None:
    if handler := _HANDLERS.get(type(payload)):
        handler(state, payload)
        if not isinstance(payload, goal_events.GoalWaiting):
            state.waiting, state.until = None, None


def _task(state: GoalState, name: str) -> TaskState:
    """Return a task, a bare one where the text of its plan was erased."""
    if name not in state.tasks:
        bare = PlannedTask(id=name, agent="executor", input={})
        state.tasks[name] = TaskState(planned=bare)
    return state.tasks[name]


def _goal_started(state: GoalState, event: goal_events.GoalStarted) -> None:
    state.conversation, state.origin, state.by = event.conversation, event.origin, event.by
    state.title, state.messages = event.title.text, event.messages
    state.sources = event.sources


def _planned(state: GoalState, event: goal_events.PlanProposed) -> None:
    plan = Plan.model_validate(event.plan.value) if event.plan.value else None
    if plan is not None and event.agent == "owner":  # Equerry's own question: no model wrote it
        plan = plan.as_literal()
    state.revision, state.plan, state.plan_agent = event.revision, plan, event.agent
    state.plan_sources = merged(state.plan_sources, event.sources)
    for failed in state.tasks.values():
        failed.superseded = failed.status == "failed" and failed.failure in SUPERSEDED
    for given in event.given:
        value = {"text": given.text.text}
        label = merged((given.source,))
        state.at_hand[given.id] = Output(value=value, sources=label, private=label)
    for one in event.carries:
        state.carries[one.task] = (*state.carries.get(one.task, ()), one)
    for task in plan.tasks if plan else ():
        state.tasks.setdefault(task.id, TaskState(planned=task))


def _task_started(state: GoalState, event: goal_events.TaskStarted) -> None:
    task = _task(state, event.task)
    task.status, task.attempt = "started", event.attempt


def _task_finished(state: GoalState, event: goal_events.TaskFinished) -> None:
    task = _task(state, event.task)
    task.status = "finished"
    task.output = Output(value=event.output.value, sources=event.sources, private=event.private)
    task.said = event.said.text if event.said else None


def _task_failed(state: GoalState, event: goal_events.TaskFailed) -> None:
    task = _task(state, event.task)
    task.status, task.failure, task.error = "failed", event.kind, event.error.text
    if task.draft is not None:
        task.status, task.output = "finished", task.draft
    task.error_sources, task.plain = event.sources, event.plain


def _task_reviewed(state: GoalState, event: goal_events.TaskReviewed) -> None:
    task, reasons = _task(state, event.task), tuple(event.reasons.value or ())
    task.round = event.round
    writer = state.tasks.get(event.rewrite or "")
    if writer is None:
        task.review = Reviewed(event.verdict, reasons)
        return
    writer.status, writer.draft, writer.output = "pending", writer.output, None
    writer.remarks, writer.review_sources = reasons, event.sources
    writer.review_private = merged(writer.review_private, event.private)
    writer.round += 1


def _goal_waiting(state: GoalState, event: goal_events.GoalWaiting) -> None:
    state.waiting, state.until = event.cards, event.until


def _goal_finished(state: GoalState, event: goal_events.GoalFinished) -> None:
    state.outcome = state.outcome or event.outcome


def _goal_stopped(state: GoalState, _event: goal_events.GoalStopped) -> None:
    state.outcome = state.outcome or "stopped"


def _goal_woken(_state: GoalState, _event: goal_events.GoalWoken) -> None:
    return


def _gate_decided(state: GoalState, event: gate_events.GateDecided) -> None:
    task = _task(state, event.task)
    task.marker, task.ruling = event.marker, event.ruling
    task.args, task.pins, task.origins = event.args.fields, event.pins, event.origins
    if event.ruling.route == "auto":
        task.status, task.cleared_at = "cleared", state.last
        task.cleared_by = "grant" if event.grant else "auto"
        task.grant = event.grant


def _card_opened(state: GoalState, event: gate_events.CardOpened) -> None:
    if event.kind == "budget":
        state.budget, state.budget_card = "asked", event.card
        state.budget_args = event.items[0].args.fields
        return
    for item in event.items:
        task = _task(state, item.task)
        task.status, task.card, task.asked_at = "asked", event.card, state.last
        task.cards = (*task.cards, event.card)
        task.pins, task.ruling = item.pins, item.ruling


def _card_joined(state: GoalState, event: gate_events.CardJoined) -> None:
    task = _task(state, event.task)
    task.status, task.card, task.primary = "joined", event.card, event.primary


def _budget_decided(state: GoalState, event: gate_events.CardDecided) -> None:
    edited = next(iter(event.edits.values()), None)
    if edited is not None:
        state.budget_args = edited.fields
    cheaper = state.budget_args.get("then") == "cheaper"
    state.budget = "stop" if event.verdict == "reject" else "cheaper" if cheaper else "raise"


def _budget_settled(
    state: GoalState, _event: model_events.BudgetRaised | model_events.BudgetEased
) -> None:
    state.budget = None


def _card_decided(state: GoalState, event: gate_events.CardDecided) -> None:
    if event.card == state.budget_card:
        _budget_decided(state, event)
        return
    for task in state.by_card(event.card):
        if task.status != "asked":
            continue
        if event.verdict == "reject" or task.marker in event.left_out:
            task.status = "rejected"
            task.reason = event.reason.text if event.reason else None
            continue
        task.status, task.cleared_by, task.retry_at = "cleared", "owner", None
        task.cleared_at = state.last
        task.failures, task.failing_since = 0, None
        edited = event.edits.get(task.marker)
        if edited is not None and task.planned.action:
            task.pins = event.pins.get(task.marker, task.pins)
            before, task.args = task.args, edited.fields
            task.origins = {
                name: taint
                for name, taint in task.origins.items()
                if task.args.get(name) == before.get(name)
            }
            task.marker = operation_marker(
                state.id, task.planned.id, task.planned.action, task.args
            )


def _card_expired(state: GoalState, event: gate_events.CardExpired) -> None:
    for task in state.by_card(event.card):
        if task.status == "asked":
            task.status, task.reason = "expired", event.reason


def _operation_started(state: GoalState, event: op_events.OperationStarted) -> None:
    task = _task(state, event.task)
    task.status, task.attempt, task.committing = "running", event.attempt, False
    task.begun_at = state.last
    task.retry_at = None


def _committing(state: GoalState, event: op_events.OperationCommitting) -> None:
    for task in state.tasks.values():
        if task.marker == event.marker and task.attempt == event.attempt:
            task.committing = True


def _operation_failed(state: GoalState, event: op_events.OperationFailed) -> None:
    task = _task(state, event.task)
    task.status, task.retry_at, task.error = "cleared", event.retry_at, event.error.text
    task.failures, task.failing_since = task.failures + 1, task.failing_since or state.at


_HANDLERS: dict[type[Payload], Callable[[GoalState, Any], None]] = {
    goal_events.GoalStarted: _goal_started,
    goal_events.PlanProposed: _planned,
    goal_events.TaskStarted: _task_started,
    goal_events.TaskFinished: _task_finished,
    goal_events.TaskFailed: _task_failed,
    goal_events.TaskReviewed: _task_reviewed,
    goal_events.GoalWaiting: _goal_waiting,
    goal_events.GoalFinished: _goal_finished,
    goal_events.GoalStopped: _goal_stopped,
    goal_events.GoalWoken: _goal_woken,
    gate_events.GateDecided: _gate_decided,
    gate_events.CardOpened: _card_opened,
    gate_events.CardJoined: _card_joined,
    gate_events.CardDecided: _card_decided,
    gate_events.CardExpired: _card_expired,
    model_events.BudgetRaised: _budget_settled,
    model_events.BudgetEased: _budget_settled,
    op_events.OperationStarted: _operation_started,
    op_events.OperationCommitting: _committing,
    op_events.OperationFailed: _operation_failed,
}
