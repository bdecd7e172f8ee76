"""Why: who asked, from which memory and sources, by which rule, which model, who decided.

Everything is told from the log alone.
"""

from collections.abc import Callable, Sequence
from typing import Any

from core.domain.arguments import leaves, shown
from core.domain.cards import PLAN
from core.domain.erasable import ERASED, Erasable
from core.domain.errors import UnknownThingError, UnreadableError
from core.domain.events import Event, Payload, decode, readable
from core.domain.events import gates as gate_events
from core.domain.events import goals as goal_events
from core.domain.events import models as model_events
from core.domain.events import operations as op_events
from core.domain.events.attachments import AttachmentFailed, AttachmentRead
from core.domain.events.messages import MessageQueued, MessageReceived, MessageSent
from core.domain.lookalikes import suspicions
from core.domain.own_words import Own
from core.domain.plan import Plan
from core.domain.quoting import one_line, quoted
from core.domain.sources import Taint
from core.gates.difference import difference
from core.goals.asked import who_asked
from core.goals.fold import fold
from core.kernel import Kernel
from core.memory.turns import short
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery
from core.telemetry.calls_told import call_line, call_story

SHORT = 8

_ELSE = Own("/goals lists the goals.")


async def why(kernel: Kernel, conversation: str, name: str | None) -> str:
    """Return the story of a goal, card, operation or message, one line an event, oldest first.

    `name` None is the newest goal of the conversation; a model call's is told with its prompt and
    its answer. Raises UnknownThingError.
    """
    if name is not None and (told := await call_story(kernel, name)) is not None:
        return told
    goal = await find_goal(kernel, conversation, name)
    events = await kernel.events(EventQuery(goal=goal))
    asked = await _asked(kernel, events)
    lines = [f"Why {goal}:", *asked]
    proposed: dict[str, Any] = {}
    for event in events:
        try:
            found = _story(decode(event), proposed)
        except Exception:  # noqa: BLE001 - pure: whatever is raised is for the sake of the event
            found = [f"Event {event.position} ({event.type}) cannot be read: verify says more."]
        if found:
            at = event.at.astimezone(kernel.zone).strftime("%H:%M:%S")
            lines += [f"{at}  {line}" for line in found]
    return "\n".join(lines)


async def find_goal(kernel: Kernel, conversation: str, name: str | None) -> str:
    """Return the goal that a name belongs to. Raises UnknownThingError."""
    rows = kernel.rows
    if name is None:
        query = RowQuery("goals", group=conversation, order="written", newest_first=True)
        newest = await rows.find(query, limit=1)
        if not newest:
            message = "Nothing has happened here yet."
            raise UnknownThingError(message)
        return newest[0].key
    if await rows.get("goals", name) is not None:
        return name
    card = await rows.get("cards", name.upper())
    if card is not None and card.doc.get("goal"):
        return str(card.doc["goal"])
    for projection in ("messages", "outbox"):
        row = await rows.get(projection, name)
        if row is not None and row.doc["goal"]:
            return str(row.doc["goal"])
    return await _by_operation(kernel, name)


async def _by_operation(kernel: Kernel, name: str) -> str:
    exact = await kernel.rows.get("operations", name)
    if exact is not None and exact.group:
        return exact.group
    if len(name) >= SHORT:
        query = RowQuery("operations", prefix=name.lower(), order="written", newest_first=True)
        for row in await kernel.rows.find(query, limit=None):
            if row.group:
                return row.group
    message = f"There is no goal, card, operation or message {name!r}; " + _ELSE
    raise UnknownThingError(message)


async def _asked(kernel: Kernel, events: Sequence[Event]) -> list[str]:
    started = next((p for p in readable(events) if isinstance(p, goal_events.GoalStarted)), None)
    lines = [] if started is None or started.messages else [_began_by(events)]
    for message in started.messages if started else ():
        row = await kernel.rows.get("messages", message)
        if row is None:
            continue
        query = EventQuery(after=row.doc["position"] - 1, type=MessageReceived.wire)
        found = await kernel.log.inflated(await kernel.log.read(query, limit=1))
        payload = next(readable(found), None)
        if not isinstance(payload, MessageReceived):
            lines.append(f"Asked in message {message}, which cannot be read: verify says more.")
        else:
            when = payload.sent_at.astimezone(kernel.zone).strftime("%a %d %b %H:%M")
            who = "you" if payload.owner else payload.sender
            asked = f"Asked by {who}, {when}, on {payload.channel}"
            lines.append(f"{asked}: {quoted(payload.text.text)}")
    return lines


def _began_by(events: Sequence[Event]) -> str:
    """Say who began a goal that answers no message."""
    try:
        state = fold(str(events[0].goal), events)
    except UnreadableError as error:
        return f"Who asked cannot be told. {error}"
    return f"Who asked: {who_asked(state)}"


def _story(payload: Payload, proposed: dict[str, Any]) -> list[str]:
    """Tell an event; `proposed` takes the arguments that were asked about, and tells an edit."""
    if isinstance(payload, gate_events.CardOpened):
        proposed |= {item.marker: item.args.fields for item in payload.items}
    tell = _TELLERS.get(type(payload))
    found = tell(payload) if tell else []
    if isinstance(payload, gate_events.CardDecided | gate_events.CardDrafted):
        found += _edited(payload, proposed)
    return found


def _spoken(event: MessageReceived) -> list[str]:
    return [f"Written down from {event.written_from}: “{event.text.text}”"]


def _read(event: AttachmentRead) -> list[str]:
    what = f"Read the {event.kind} {event.attachment}: {event.characters:,} characters"
    return [f"{what}; kept as {event.digest[:SHORT]}."]


def _unread(event: AttachmentFailed) -> list[str]:
    return [f"Could not read {event.attachment}: {event.error}"]


def _recalled(event: goal_events.ContextRecalled) -> list[str]:
    facts = ", ".join(event.facts) or "none"
    lines = [f"Recalled facts: {facts}; {len(event.messages)} messages; {event.tokens} tokens."]
    return [*lines, *(f"  {item.kind} {item.ref}: {item.reason}" for item in event.items)]


def _called(event: model_events.ModelCalled) -> list[str]:
    return [call_line(event)]


def _planned(event: goal_events.PlanProposed) -> list[str]:
    if event.plan.value is None:
        return [f"Plan: {ERASED}"]
    plan = Plan.model_validate(event.plan.value)
    revision = f", revision {event.revision}" if event.revision > 1 else ""
    lines = [f"Plan by {event.agent}{revision}: {quoted(plan.title)}"]
    for task in plan.tasks:
        what = task.action or task.agent
        why = quoted(task.why) if task.why else ""
        lines.append(f"  {task.id} {what} (claims {task.confidence:.2f}) {why}".rstrip())
    sources = (f"  with {given.id}: {given.source.told}" for given in event.given)
    carried = (
        f"  {one.task} {one.argument} carries “{one.value}” of the {one.source.told}: "
        f"“{short(one.text)}”"
        for one in event.carries
    )
    return [*lines, *sources, *carried]


def _arguments(args: Erasable, origins: dict[str, Taint]) -> list[str]:
    """Return every argument whole, as it would run, and which source each comes from.

    Each line of a text stands behind a bar, so that none can pass for a line of the story.
    """
    lines = []
    for name, value in args.fields.items():
        for path, leaf in leaves(value, name):
            if isinstance(leaf, str) and "\n" in leaf:
                lines += [f"    {path}:", *(f"      | {line}" for line in leaf.split("\n"))]
            else:
                lines.append(f"    {path}: {shown(leaf)}")
            lines += [f"      ⚠️ {doubt}" for doubt in suspicions(shown(leaf))]
    for name, taint in origins.items():
        what = f"{name} comes from" if name != PLAN else "planned with outside text in sight:"
        lines += [f"    ⚠️ {what} {source.told}" for source in taint]
    return lines


def _ruled(event: gate_events.GateDecided) -> list[str]:
    ruling, used = event.ruling, event.ruling.confidence
    record = f"{used.accepted} of {used.decided} as proposed" if used.decided else "no record yet"
    line = (
        f"Gate: {event.action} ({ruling.impact}) → {ruling.route} by {ruling.rule}: "
        f"{'; '.join(ruling.reasons)}; claimed {used.claimed:.2f}, earned {used.earned:.2f} "
        f"({record}); operation {event.marker[:SHORT]}."
    )
    sources = ", ".join(source.told for source in ruling.sources)
    lines = [line, f"  From outside: {sources}"] if sources else [line]
    if private := ", ".join(source.told for source in ruling.private):
        lines.append(f"  Private: {private}")
    asked = ruling.route in {"inbox", "review"}  # the card tells what was asked
    return lines if asked else [*lines, *_arguments(event.args, event.origins)]


def _opened(event: gate_events.CardOpened) -> list[str]:
    asked = [f"Asked you with card {event.card}: {one_line(event.title.text)}"]
    for number, item in enumerate(event.items, 1):
        if len(event.items) > 1:
            asked.append(f"  {number}. {one_line(item.title.text)}")
        asked += _arguments(item.args, item.origins)
        asked += [f"    The {said.by} said: {quoted(said.text.text)}" for said in item.says]
    return asked


def _joined(event: gate_events.CardJoined) -> list[str]:
    asked = f": {event.asked.text}" if event.asked else "."
    return [f"Waited for card {event.card}, which asks the same{asked}"]


def _drafted(event: gate_events.CardDrafted) -> list[str]:
    what = "wrote other words for" if event.edits else "took back the edit of"
    return [f"{event.by} {what} {event.card}; nothing was decided by that."]


def _decided(event: gate_events.CardDecided) -> list[str]:
    reason = f": {event.reason.text}" if event.reason else ""
    some = f", but not to {len(event.left_out)} of its items" if event.left_out else ""
    return [f"{event.by} said {event.verdict} to {event.card} on {event.via}{some}{reason}."]


def _edited(
    event: gate_events.CardDecided | gate_events.CardDrafted, proposed: dict[str, Any]
) -> list[str]:
    return [
        f"  {line}"
        for marker, args in event.edits.items()
        for line in difference(proposed.get(marker, {}), args.fields)
    ]


def _expired(event: gate_events.CardExpired) -> list[str]:
    return [f"Card {event.card} expired: {event.reason}."]


def _began(event: op_events.OperationStarted) -> list[str]:
    by = {"auto": "on its own", "owner": "as you accepted", "grant": "by your grant"}[event.by]
    return [f"Began {event.action}, attempt {event.attempt}, {by} ({event.marker[:SHORT]})."]


def _did(event: op_events.OperationFinished) -> list[str]:
    undo = f" /undo {event.marker[:SHORT]} takes it back." if event.undo else ""
    return [f"Did {event.action}: {one_line(event.said.text)}{undo}"]


def _failed(event: op_events.OperationFailed) -> list[str]:
    again = f" Tried again at {event.retry_at:%H:%M:%S} UTC." if event.retry_at else ""
    return [f"{event.action} did not happen: {one_line(event.error.text)}{again}"]


def _doubted(event: op_events.OperationUnknown) -> list[str]:
    then = {
        "repeat": "it had no effect yet or can be repeated, so it was run again",
        "found": "it was looked up and had happened",
        "ask": "only you can say, so you were asked",
    }[event.next]
    return [f"{event.action} had no known outcome: {then}."]


def _undone(event: op_events.OperationUndone) -> list[str]:
    return [f"Undid operation {event.marker[:SHORT]}."]


def _task_failed(event: goal_events.TaskFailed) -> list[str]:
    error = one_line(event.error.text)
    return [f"Task {event.task} ended without a result ({event.kind}): {error}".rstrip(": ")]


def _reviewed(event: goal_events.TaskReviewed) -> list[str]:
    said = quoted("; ".join(event.reasons.value or ())) if event.reasons.value else ""
    then = f" {event.rewrite} writes it again." if event.rewrite else ""
    line = f"Review of {event.task}, round {event.round}: {event.verdict}"
    return [f"{line}: {said}.{then}" if said else f"{line}."]


def _written(event: goal_events.TaskFinished) -> list[str]:
    return [] if event.agent == "executor" else [f"The {event.agent} finished {event.task}."]


def _finished(event: goal_events.GoalFinished) -> list[str]:
    return [f"Goal ended: {event.outcome}."]


def _stopped(event: goal_events.GoalStopped) -> list[str]:
    return [f"Stopped by {event.by}."]


def _queued(event: MessageQueued) -> list[str]:
    first, *rest = event.text.text.split("\n")
    return [f"Replied: {first}", *(f"  | {line}" for line in rest)]


def _sent(event: MessageSent) -> list[str]:
    return ["The reply may have been shown twice."] if event.repeat else []


_TELLERS: dict[type[Payload], Callable[[Any], list[str]]] = {
    MessageReceived: _spoken,
    AttachmentRead: _read,
    AttachmentFailed: _unread,
    goal_events.ContextRecalled: _recalled,
    model_events.ModelCalled: _called,
    goal_events.PlanProposed: _planned,
    gate_events.GateDecided: _ruled,
    gate_events.CardOpened: _opened,
    gate_events.CardJoined: _joined,
    gate_events.CardDrafted: _drafted,
    gate_events.CardDecided: _decided,
    gate_events.CardExpired: _expired,
    op_events.OperationStarted: _began,
    op_events.OperationFinished: _did,
    op_events.OperationFailed: _failed,
    op_events.OperationUnknown: _doubted,
    op_events.OperationUndone: _undone,
    goal_events.TaskFailed: _task_failed,
    goal_events.TaskFinished: _written,
    goal_events.TaskReviewed: _reviewed,
    goal_events.GoalFinished: _finished,
    goal_events.GoalStopped: _stopped,
    MessageQueued: _queued,
    MessageSent: _sent,
}
