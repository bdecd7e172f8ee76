"""Deciding a card: the first answer wins, is durable before anything acts on it, and stays."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from core.domain.cards import CardItem, Verdict
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, UnknownThingError, VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.gates import CardDecided, GrantGiven
from core.domain.files import Pin, new_files
from core.domain.ids import short_id
from core.gates.difference import difference
from core.gates.grants import grant_stream
from core.gates.limits import UNLIMITED, Limits, always_refused
from core.gates.views import card_view
from core.goals.budgeting import check_answer
from core.goals.cases import settle_args
from core.kernel import Kernel
from core.operations.pinning import edited_pins
from core.ports.chat_surface import CardView

Edits = dict[str, dict[str, Any]]
"""New arguments by the marker of their item."""


@dataclass(frozen=True, slots=True)
class DecideCard:
    """The owner's answer. `edits` maps markers to new arguments; `tap` is unique per answer.

    Where the card has a newer edit, accepting it means that; `draft` is the number of the edit that
    the owner saw, None for the card itself. `only` are the markers of the items that are accepted
    where not all are. `limits` are those of the permission that an `always` gives for each
    operation of the card.
    """

    card: str
    verdict: Verdict
    by: str
    via: str
    tap: str
    edits: Edits = field(default_factory=dict)
    reason: str | None = None
    always: bool = False
    limits: Limits = UNLIMITED
    draft: int | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision changed: lines of difference for an edit, the grant for an always.

    `verdict` is what was decided: accepting an edited card is an edit.
    """

    view: CardView
    verdict: Verdict
    changes: tuple[str, ...] = ()
    grant: str | None = None


class OutdatedDraftError(BadInputError):
    """The owner accepted an edit of a card that another edit has replaced."""


def tap_key(tap: str) -> str:
    """Return the idempotency key of an answer."""
    return f"tap:{tap}"


async def decide_card(kernel: Kernel, command: DecideCard) -> Decided:
    """Append the decision.

    Raises UnknownThingError for a card that never was, BadInputError, with who answered and when,
    for one that is closed, and for an edit that does not validate, OutdatedDraftError for an edit
    that is not the newest; nothing is decided then.
    """
    stream = f"card:{command.card}"
    version = await kernel.log.version(stream)
    view = await card_view(kernel, command.card)
    check_open(view)
    _check_draft(view, command)
    left_out = _left_out(view, command)
    edits = {
        marker: args
        for marker, args in (await _edits(kernel, view, command)).items()
        if marker not in left_out
    }
    verdict: Verdict = (
        "edit" if edits else "accept" if command.verdict == "edit" else command.verdict
    )
    decided = CardDecided(
        card=view.card,
        conversation=view.conversation,
        verdict=verdict,
        by=command.by,
        via=command.via,
        edits={m: Erasable.of(kernel.redactor.redact(args)) for m, args in edits.items()},
        reason=Erasable.of(kernel.redactor.text(command.reason)) if command.reason else None,
        pins=await pins_of(kernel, view, edits),
        left_out=left_out,
    )
    event = NewEvent(
        stream=stream,
        payload=decided,
        goal=view.goal,
        actor=command.by,
        key=tap_key(command.tap),
    )
    grants = _grants(kernel, view, command, edits) if command.always else []
    try:
        await kernel.log.append([event, *grants], expect={stream: version})
    except VersionConflictError:
        now = await card_view(kernel, view.card)
        if now.state == "open":
            return await decide_card(kernel, command)
        check_open(now)
    granted = grants[0].payload if grants else None
    grant = granted.grant if isinstance(granted, GrantGiven) else None
    return Decided(view, verdict, changes_of(view, edits), grant)


def _check_draft(view: CardView, command: DecideCard) -> None:
    """Raise OutdatedDraftError where the owner accepts an edit that the card no longer means."""
    if command.draft is None or command.draft == view.draft:
        return
    now = "another edit has replaced it" if view.draft else "it was taken back"
    message = f"Nothing was decided: this edit of {view.card} is not the newest, {now}."
    raise OutdatedDraftError(message)


def _left_out(view: CardView, command: DecideCard) -> dict[str, str]:
    """Return the items that are not accepted while others are: marker and action."""
    if command.verdict == "reject" or not command.only:
        return {}
    return {item.marker: item.action for item in view.items if item.marker not in command.only}


async def _edits(kernel: Kernel, view: CardView, command: DecideCard) -> Edits:
    """Return the arguments that run in place of those proposed, of every item that was edited."""
    if command.verdict == "reject":
        return {}
    if command.verdict == "edit" and not command.edits:
        message = "An edit needs what to change: edit field=value."
        raise BadInputError(message)
    edits: Edits = {}
    for marker in (one for one in view.before if one not in command.edits):
        edits[marker] = await check_edit(kernel, view, marker, {})
        if edits[marker] != args_of(view, marker):
            message = (
                f"Nothing was decided: the edit of {view.card} would now do something else than "
                "it shows. Edit it again, or reject it."
            )
            raise BadInputError(message)
    for marker, args in command.edits.items():
        edits[marker] = await check_edit(kernel, view, marker, args)
    return edits


async def check_edit(
    kernel: Kernel, view: CardView, marker: str, args: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments as they would run. Raises BadInputError for an invalid edit."""
    item = _item(view, marker)
    if not item.editable:
        message = "This card cannot be edited: accept or reject it."
        raise BadInputError(message)
    changed = {**item.args.fields, **args}
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
    task = state.tasks[item.task]
    return (await asyncio.to_thread(settle_args, kernel, state, task, changed)).wire


async def preview_edits(kernel: Kernel, view: CardView, edits: Edits) -> tuple[str, ...]:
    """Return the lines that edits would change, as they would run. Raises as `check_edit`."""
    checked = {m: await check_edit(kernel, view, m, args) for m, args in edits.items()}
    pins = await pins_of(kernel, view, checked)
    files = (line for m, found in pins.items() for line in new_files(_item(view, m).pins, found))
    return (*changes_of(view, checked), *files)


async def pins_of(kernel: Kernel, view: CardView, edits: Edits) -> dict[str, tuple[Pin, ...]]:
    """Return the files that checked edits name, by marker.

    Those that the card shows are as it shows them, others as they are now.
    """
    if view.kind == "budget":
        return {}
    items = {marker: _item(view, marker) for marker in edits}
    return {
        marker: await edited_pins(kernel, item.action, edits[marker], item.pins)
        for marker, item in items.items()
    }


def changes_of(view: CardView, edits: Edits) -> tuple[str, ...]:
    """Return the lines in which edits differ from what was proposed."""
    return tuple(
        line
        for marker, args in edits.items()
        for line in difference(view.before.get(marker, args_of(view, marker)), args)
    )


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


def _grants(kernel: Kernel, view: CardView, command: DecideCard, edits: Edits) -> list[NewEvent]:
    refused = always_refused(view)
    if command.verdict == "reject" or refused:
        message = refused or "Only an operation that is accepted can be granted for always."
        raise BadInputError(message)
    limits, now = command.limits, kernel.clock.now()
    expires_at = limits.ends(now, kernel.zone)
    events = []
    for item in view.items:
        if command.only and item.marker not in command.only:
            continue
        action = kernel.actions.get(item.action)
        pins = action.control if action.pinned is None else action.pinned
        args = edits.get(item.marker, item.args.fields)
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


def args_of(view: CardView, marker: str) -> dict[str, Any]:
    """Return the arguments that an item of a card shows. Raises UnknownThingError for no item."""
    return _item(view, marker).args.fields
