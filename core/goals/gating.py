"""The gate at work: resolve, validate and rule on every executor task that is ready.

All that becomes a question at the same moment becomes one card.
"""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain.cards import PLAN, CardItem, Ruling, Said
from core.domain.erasable import Erasable
from core.domain.errors import DiskError, RefusedError
from core.domain.events import NewEvent, Payload
from core.domain.events.gates import CardJoined, CardOpened, GateDecided, GrantUsed
from core.domain.events.goals import TaskFailed
from core.domain.files import with_files
from core.domain.ids import operation_marker, question_key, short_id
from core.domain.quoting import quoted
from core.domain.sources import Private, Taint, merged
from core.gates.error_budget import burnt
from core.gates.grants import fitting_grant, grant_stream
from core.gates.outflow import outflow
from core.gates.policy import Request, Standing, rule
from core.gates.views import open_card
from core.goals.agent_card import AGENT
from core.goals.asked import who_asked
from core.goals.cases import Case, prepare
from core.goals.private_parts import must_ask, with_private
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.pinning import pinned, sent_taint
from core.ports.event_log import EventQuery
from core.projections.cards import question_row
from core.projections.permissions import AUTONOMY_KEY
from core.projections.record import record_key
from core.telemetry.restored import NEVER, restored

LOST = "it may have been done already: the log went backwards since this was asked for"
OLD_GRANT = "the log went backwards since you gave {}: you may have taken it back (/resume uses it)"


@dataclass(slots=True)
class _Batch:
    events: list[NewEvent] = field(default_factory=list)
    items: list[CardItem] = field(default_factory=list)
    joins: list[NewEvent] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    expect: dict[str, int] = field(default_factory=dict)
    granted: list[GrantUsed] = field(default_factory=list)
    review: bool = False


async def gate_tasks(kernel: Kernel, state: GoalState, names: tuple[str, ...]) -> None:
    """Rule on the tasks `names` and append rulings, refusals and at most one card."""
    batch = _Batch()
    for name in names:
        task = state.tasks[name]
        try:
            case = await _with_files(kernel, await asyncio.to_thread(prepare, kernel, state, task))
        except DiskError:
            raise
        except RefusedError as error:
            batch.events.append(_fail(state, task, str(error), "refused"))
            continue
        await _rule_on(kernel, state, task, case, batch)
    if batch.items:
        batch.events.append(_card(state, batch))
    expect = {f"goal:{state.id}": state.version, **batch.expect}
    await kernel.log.append([*batch.events, *batch.joins], expect=expect)


async def _with_files(kernel: Kernel, case: Case) -> Case:
    """Return the case with its files as they are now."""
    return replace(case, pins=await pinned(kernel, case.action, case.args))


async def _rule_on(
    kernel: Kernel, state: GoalState, task: TaskState, case: Case, batch: _Batch
) -> None:
    action = case.action
    marker = operation_marker(state.id, task.planned.id, action.name, case.wire)
    inside = sent_taint(case.pins)
    case = replace(
        case, content=merged(case.content, inside), origins=_origins(state, case, inside)
    )
    usd = action.cost(case.args)
    fit = await fitting_grant(kernel, action, case.wire, usd, batch.granted)
    grant = fit.grant if fit else None
    private = outflow(action, case.args, case.private, granted=grant is not None)
    if action.name.startswith(AGENT) and not await must_ask(kernel, state, private):
        private, case = (), replace(case, control=())  # what it knows stays where it is
    request = _request(state, task, case, private)
    ruling = rule(
        request,
        await _standing(kernel, state, task, grant, effect=request.impact != "none"),
        kernel.policy,
    )
    used = fit if fit and ruling.rule == f"grant {fit.grant}" else None
    decided = GateDecided(
        marker=marker,
        task=task.planned.id,
        action=action.name,
        args=Erasable.of(case.wire),
        agent=state.plan_agent,
        ruling=ruling,
        grant=used.grant if used else None,
        pins=case.pins,
        origins=case.origins,
    )
    batch.events.append(_event(state, decided, key=f"gate:{state.id}:{task.planned.id}"))
    if used:
        _use(state, task, GrantUsed(grant=used.grant, marker=marker, usd=usd), used.version, batch)
    if ruling.route == "deny":
        batch.events.append(_fail(state, task, "; ".join(ruling.reasons), "denied"))
    elif ruling.route != "auto":
        await _ask(kernel, state, task, case, (marker, ruling, batch))


def _origins(state: GoalState, case: Case, inside: Taint) -> dict[str, Taint]:
    """Return the sources of each argument; those of attached files, and of the plan, beside them.

    Files are found under the argument that names them, else under the whole.
    """
    attached = list(case.action.attached(case.args))
    holder = next((name for name, value in case.wire.items() if value == attached), PLAN)
    found = dict(case.origins)
    if inside:
        found[holder] = merged(found.get(holder, ()), inside)
    if plan := merged(state.plan_sources):
        found[PLAN] = merged(found.get(PLAN, ()), plan)
    return found


def _use(state: GoalState, task: TaskState, used: GrantUsed, version: int, batch: _Batch) -> None:
    """Count a use on the grant's own stream, so that two goals cannot both have its last one."""
    stream, key = grant_stream(used.grant), f"grant:{state.id}:{task.planned.id}"
    batch.granted.append(used)
    batch.expect[stream] = version
    batch.events.append(_event(state, used, stream=stream, key=key))


def _request(state: GoalState, task: TaskState, case: Case, private: Private) -> Request:
    return Request(
        action=case.action.name,
        impact=case.action.impact(case.args),
        claimed=task.planned.confidence,
        control=case.control,
        content=case.content,
        plan=state.plan_sources,
        private=private,
        reaches=case.action.reaches(case.args) if private else "",
        undoable=case.action.undo_hint is not None,
        always_ask=case.action.always_ask,
    )


async def _standing(
    kernel: Kernel, state: GoalState, task: TaskState, grant: str | None, *, effect: bool
) -> Standing:
    doubt = await _doubt(kernel, state, grant) if effect else None
    key = record_key(state.plan_agent, task.planned.action or "")
    record = await kernel.rows.get("record", key)
    brake = await kernel.rows.get("autonomy", AUTONOMY_KEY)
    return Standing(
        record=record.doc if record else None,
        grant=grant,
        burnt=await burnt(kernel.rows, task.planned.action or "", makers(state, task)),
        paused=brake is not None and brake.state == "paused",
        held="the content did not pass" if _failed_review(task) else doubt,
        notes=(*_review_notes(task), *((doubt,) if doubt else ())),
    )


async def _doubt(kernel: Kernel, state: GoalState, grant: str | None) -> str | None:
    """Return why an effect is asked about where the log went backwards, None for no reason."""
    since = await restored(kernel.rows)
    if since == NEVER:
        return None
    rows = [await kernel.rows.get("messages", name) for name in state.messages]
    asked = [int(row.doc["position"]) for row in rows if row is not None]
    if since.before(min([state.first, *asked])):
        return LOST
    if grant is None or not since.held:
        return None
    given = await kernel.log.read(EventQuery(stream=grant_stream(grant)), limit=1)
    return OLD_GRANT.format(grant) if since.before(given[0].position) else None


def _failed_review(task: TaskState) -> bool:
    return task.review is not None and task.review.verdict != "pass"


def _review_notes(task: TaskState) -> tuple[str, ...]:
    """Say that a review had remarks; the remarks are a model's words and stand apart."""
    if task.review is None or not task.review.reasons:
        return ()
    return (f"review {'did not pass' if _failed_review(task) else 'passed, with remarks'}",)


def makers(state: GoalState, task: TaskState) -> tuple[str, ...]:
    """Return the agents that an operation comes from: who planned it, and whose output is in it."""
    needs = (
        state.tasks[name].planned.agent
        for name in sorted(task.planned.all_needs())
        if name in state.tasks
    )
    others = (agent for agent in needs if agent != "executor")
    return tuple(dict.fromkeys((state.plan_agent, *others)))


async def _ask(
    kernel: Kernel,
    state: GoalState,
    task: TaskState,
    case: Case,
    asked: tuple[str, Ruling, _Batch],
) -> None:
    marker, ruling, batch = asked
    question = question_key(case.action.name, case.wire)
    if question in batch.questions:
        primary = f"{state.id}/{batch.questions[question]}"
        batch.joins.append(_join(state, task, case, (marker, _card_id(state, batch), primary)))
        return
    if there := await _asked_already(kernel, question, batch):
        primary = f"{there['goal']}/{there['task']}"
        batch.joins.append(_join(state, task, case, (marker, there["card"], primary)))
        return
    batch.questions[question] = task.planned.id
    batch.review = batch.review or ruling.route == "review"
    item = await asyncio.to_thread(card_item, task, case, marker, ruling)
    if case.action.name.startswith(AGENT):
        item = item.model_copy(update={"editable": ()})
    carries = state.carries.get(task.planned.id, ())
    batch.items.append(with_private(item, carries, case.action, case.args))


async def _asked_already(kernel: Kernel, question: str, batch: _Batch) -> dict[str, Any] | None:
    """Return the open card of a question; the batch expects that nobody answers it meanwhile."""
    row = await kernel.rows.get("cards", question_row(question))
    found = await open_card(kernel, row.doc["card"]) if row is not None else None
    if row is None or found is None:
        return None
    batch.expect[f"card:{found[0].key}"] = found[1]
    return row.doc


def card_item(task: TaskState, case: Case, marker: str, ruling: Ruling) -> CardItem:
    """Return one operation in the form the owner reads.

    The preview is made after the files were pinned: one that changed between is asked anew.
    """
    preview = case.action.preview(case.args)
    return CardItem(
        marker=marker,
        task=task.planned.id,
        action=case.action.name,
        args=Erasable.of(case.wire),
        title=Erasable.of(preview.title),
        body=Erasable.of(with_files(case.pins, preview.body)),
        ruling=ruling,
        undo=case.action.undo_hint,
        usd=case.action.cost(case.args),
        editable=tuple(case.wire) if case.action.always_ask is None else (),
        pins=case.pins,
        control=tuple(name for name in case.wire if name in case.action.control),
        origins=case.origins,
        says=_says(task),
        asks_twice=case.action.asks_twice,
    )


def _says(task: TaskState) -> tuple[Said, ...]:
    """Return what models say about an operation: why it was planned, what a review remarked."""
    why, reasons = task.planned.why, task.review.reasons if task.review else ()
    said = [("planner", why)] if why else []
    said += [("reviewer", "; ".join(reasons))] if reasons else []
    return tuple(Said(by=by, text=Erasable.of(text)) for by, text in said)


def _card_id(state: GoalState, batch: _Batch) -> str:
    return short_id("C", state.id, batch.items[0].marker)


def _card(state: GoalState, batch: _Batch) -> NewEvent:
    items = tuple(batch.items)
    several = f"{len(items)} decisions: {quoted(state.title)}"
    title = items[0].title.text if len(items) == 1 else several
    card = _card_id(state, batch)
    opened = CardOpened(
        card=card,
        kind="undo" if items[0].action == "operation.undo" else "operation",
        conversation=state.conversation,
        agent=state.plan_agent,
        items=items,
        title=Erasable.of(title),
        why=Erasable.of(who_asked(state)),
        route="review" if batch.review else "inbox",
        questions=tuple(batch.questions),
    )
    return _event(state, opened, stream=f"card:{card}", key=f"card:{card}")


def _join(state: GoalState, task: TaskState, case: Case, at: tuple[str, str, str]) -> NewEvent:
    marker, card, primary = at
    payload = CardJoined(
        card=card,
        conversation=state.conversation,
        marker=marker,
        task=task.planned.id,
        primary=primary,
        origins=case.origins,
        asked=Erasable.of(who_asked(state)),
    )
    return _event(state, payload, stream=f"card:{card}", key=f"join:{state.id}:{task.planned.id}")


def _fail(state: GoalState, task: TaskState, error: str, kind: Any) -> NewEvent:  # noqa: ANN401
    payload = TaskFailed(
        task=task.planned.id,
        agent="executor",
        error=Erasable.of(error),
        kind=kind,
        sources=state.given(task),
    )
    return _event(state, payload, key=f"{state.id}:{task.planned.id}:end")


def _event(
    state: GoalState, payload: Payload, stream: str | None = None, key: str | None = None
) -> NewEvent:
    return NewEvent(
        stream=stream or f"goal:{state.id}",
        payload=payload,
        goal=state.id,
        actor="gate",
        key=key,
    )
