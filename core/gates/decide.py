"""Deciding a card: the first answer wins, is durable before anything acts on it, and stays."""

from dataclasses import dataclass, field
from typing import Any

from core.domain.cards import CardItem, Verdict
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, UnknownThingError, VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.gates import CardDecided, GrantGiven
from core.domain.ids import short_id
from core.gates.difference import difference
from core.gates.grants import grant_stream
from core.gates.limits import UNLIMITED, Limits
from core.gates.views import card_view
from core.goals.agent_card import AGENT
from core.goals.budgeting import check_answer
from core.goals.cases import settle_args
from core.kernel import Kernel
from core.ports.chat_surface import CardView


@dataclass(frozen=True, slots=True)
class DecideCard:
    """The owner's answer. `edits` maps markers to new arguments; `tap` is unique per answer.

    `limits` are those of the permission that an `always` gives for each operation of the card.
    """

    card: str
    verdict: Verdict
    by: str
    via: str
    tap: str
    edits: dict[str, dict[str, Any]] = field(default_factory=dict)
    reason: str | None = None
    always: bool = False
    limits: Limits = UNLIMITED


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision changed: lines of difference for an edit, the grant for an always."""

    view: CardView
    changes: tuple[str, ...] = ()
    grant: str | None = None


def tap_key(tap: str) -> str:
    """Return the idempotency key of an answer."""
    return f"tap:{tap}"


async def decide_card(kernel: Kernel, command: DecideCard) -> Decided:
    """Append the decision.

    Raises UnknownThingError for a card that never was, BadInputError, with who answered and when,
    for one that is closed, and for an edit that does not validate; nothing is decided then.
    """
    view = await card_view(kernel, command.card)
    check_open(view)
    edits = await _checked(kernel, view, command)
    version = await kernel.log.version(f"card:{view.card}")
    decided = CardDecided(
        card=view.card,
        conversation=view.conversation,
        verdict=command.verdict,
        by=command.by,
        via=command.via,
        edits={m: Erasable.of(kernel.redactor.redact(args)) for m, args in edits.items()},
        reason=Erasable.of(kernel.redactor.text(command.reason)) if command.reason else None,
    )
    event = NewEvent(
        stream=f"card:{view.card}",
        payload=decided,
        goal=view.goal,
        actor=command.by,
        key=tap_key(command.tap),
    )
    grants = _grants(kernel, view, command) if command.always else []
    try:
        await kernel.log.append([event, *grants], expect={f"card:{view.card}": version})
    except VersionConflictError:
        now = await card_view(kernel, view.card)
        if now.state == "open":
            return await decide_card(kernel, command)
        check_open(now)
    changes = _differences(view, edits)
    granted = grants[0].payload if grants else None
    grant = granted.grant if isinstance(granted, GrantGiven) else None
    return Decided(view, changes, grant)


async def check_edit(
    kernel: Kernel, view: CardView, marker: str, args: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments as they would run. Raises BadInputError for an invalid edit."""
    item = _item(view, marker)
    if not item.editable:
        message = "This card cannot be edited: accept or reject it."
        raise BadInputError(message)
    changed = {**(item.args.value or {}), **args}
    if unknown := sorted(set(args) - set(item.editable)):
        allowed = ", ".join(item.editable)
        message = f"{item.action} has no {unknown[0]!r}; it takes: {allowed}."
        raise BadInputError(message)
    if view.kind == "budget":
        return check_answer(changed)
    if view.goal is None:
        message = f"Card {view.card} belongs to no goal."
        raise UnknownThingError(message)
    state = await kernel.goal(view.goal)
    return settle_args(kernel, state, state.tasks[item.task], changed).wire


async def preview_edits(
    kernel: Kernel, view: CardView, edits: dict[str, dict[str, Any]]
) -> tuple[str, ...]:
    """Return the lines that edits would change, as they would run. Raises as `check_edit`."""
    checked = {m: await check_edit(kernel, view, m, args) for m, args in edits.items()}
    return _differences(view, checked)


def _differences(view: CardView, edits: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    return tuple(line for m, a in edits.items() for line in difference(_args(view, m), a))


def check_open(view: CardView) -> None:
    """Raise BadInputError, with who answered and when, for a card that is closed."""
    if view.state == "expired":
        message = f"Card {view.card} has expired: {view.note or 'the question no longer stands'}."
        raise BadInputError(message)
    if view.state == "decided":
        verb = {"accept": "accepted", "edit": "edited and accepted", "reject": "rejected"}
        what = verb[view.verdict or "accept"]
        message = f"Card {view.card} was already {what} by {view.decided_by}, {view.decided_at}."
        raise BadInputError(message)


async def _checked(
    kernel: Kernel, view: CardView, command: DecideCard
) -> dict[str, dict[str, Any]]:
    if command.verdict != "edit":
        return {}
    if not command.edits:
        message = "An edit needs what to change: edit field=value."
        raise BadInputError(message)
    return {m: await check_edit(kernel, view, m, args) for m, args in command.edits.items()}


def _grants(kernel: Kernel, view: CardView, command: DecideCard) -> list[NewEvent]:
    if command.verdict == "reject" or view.kind != "operation":
        message = "Only an operation that is accepted can be granted for always."
        raise BadInputError(message)
    limits, now = command.limits, kernel.clock.now()
    expires_at = limits.ends(now, kernel.zone)
    events = []
    for item in view.items:
        if item.action.startswith(AGENT):
            message = f"{item.title.text} is asked each time: accept or reject it."
            raise BadInputError(message)
        action = kernel.actions.get(item.action)
        pins = action.control if action.pinned is None else action.pinned
        args = item.args.value or {}
        grant = short_id("P", view.card, item.marker, length=6)
        given = GrantGiven(
            grant=grant,
            action=item.action,
            card=view.card,
            by=command.by,
            limit_usd=limits.usd,
            uses=limits.uses,
            expires_at=expires_at,
            only={name: Erasable.of(args.get(name)) for name in sorted(pins)},
        )
        events.append(
            NewEvent(
                stream=grant_stream(grant), payload=given, goal=view.goal, key=f"grant:{grant}"
            )
        )
    return events


def _item(view: CardView, marker: str) -> CardItem:
    for item in view.items:
        if item.marker == marker:
            return item
    message = f"Card {view.card} has no operation {marker!r}."
    raise UnknownThingError(message)


def _args(view: CardView, marker: str) -> dict[str, Any]:
    return _item(view, marker).args.value or {}
