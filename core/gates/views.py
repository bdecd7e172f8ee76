"""A card as surfaces draw it, read back from the log."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

from core.domain.cards import CardItem, Verdict
from core.domain.erasable import Erasable
from core.domain.errors import (
    RefusedError,
    UnknownThingError,
    UnreadableEventError,
    UnreadableValueError,
)
from core.domain.events import Event, Payload, decode
from core.domain.events.gates import (
    CardDecided,
    CardDrafted,
    CardExpired,
    CardJoined,
    CardOpened,
)
from core.domain.files import new_files, with_files
from core.domain.own_words import Own
from core.domain.sources import merged
from core.gates.difference import difference
from core.goals.agent_card import AGENT
from core.kernel import Kernel
from core.ports.chat_surface import CardView
from core.ports.event_log import EventQuery
from core.ports.read_models import Row
from core.telemetry.restored import restored

_TOLD = frozenset(
    kind.wire for kind in (CardOpened, CardJoined, CardDrafted, CardDecided, CardExpired)
)
"""What a card is read from; where it was shown is no part of it."""


async def card_view(kernel: Kernel, card: str) -> CardView:
    """Return a card with its texts and its state, as its newest edit has it while it is open.

    Raises UnknownThingError, and UnreadableEventError where what it asks, or what became of it,
    cannot be read.
    """
    events = await kernel.events(EventQuery(stream=f"card:{card}"))
    if not events:
        message: str = f"There is no card {card!r}; " + Own("/inbox lists the open ones.")
        raise UnknownThingError(message)
    opened: CardOpened | None = None
    decided: CardDecided | None = None
    drafted: tuple[int, CardDrafted] | None = None
    at, state, note, answered = None, "open", "", 0
    for event in events:
        payload = _decode(event) if event.type in _TOLD else None
        if isinstance(payload, CardOpened):
            opened = payload
        elif isinstance(payload, CardJoined) and opened is not None:
            opened = _joined(opened, payload)
        elif isinstance(payload, CardDrafted):
            drafted = (event.version, payload)
        elif isinstance(payload, CardDecided):
            decided, state, answered = payload, "decided", event.position
            at = _moment(event.at, kernel)
        elif isinstance(payload, CardExpired):
            state, note = "expired", payload.reason
    if opened is None:
        message = f"Card {card!r} was never opened."
        raise UnknownThingError(message)
    view = _view(opened, events[0].goal, decided, (state, note, at))
    view = await _since_restored(kernel, view, events[0].position, answered)
    if drafted is None or view.state != "open":
        return view
    return await asyncio.to_thread(_as_drafted, kernel, view, *drafted)


def _decode(event: Event) -> Payload:
    payload = decode(event)
    items = payload.items if isinstance(payload, CardOpened) else ()
    edits = payload.edits if isinstance(payload, CardDrafted | CardDecided) else {}
    try:
        for args in (*(item.args for item in items), *edits.values()):
            _ = args.fields
    except UnreadableValueError as error:
        raise UnreadableEventError(event.position, event.type, str(error)) from error
    return payload


async def _since_restored(kernel: Kernel, view: CardView, opened: int, answered: int) -> CardView:
    """Return a card that accepting asks once more, where the log went backwards since it opened.

    `answered` is the position of the answer, 0 for none: one from before is over.
    """
    since = await restored(kernel.rows)
    if not since.before(opened) or (answered and since.before(answered)):
        return view
    if view.kind in {"budget", "notice"} or any(one.action.startswith(AGENT) for one in view.items):
        return view  # no operation, so that nothing can be done twice
    items = tuple(item.model_copy(update={"asks_twice": True}) for item in view.items)
    note = since.asks if view.state == "open" else view.note
    return view.model_copy(update={"items": items, "note": note})


def _as_drafted(kernel: Kernel, view: CardView, draft: int, drafted: CardDrafted) -> CardView:
    """Return an open card as an edit has it: what it shows is what accepting it does."""
    before = {item.marker: item.args.fields for item in view.items if item.marker in drafted.edits}
    if not before:
        return view
    proposed = {item.marker: item for item in view.items}
    items = tuple(
        _item_as_drafted(kernel, item, drafted) if item.marker in before else item
        for item in view.items
    )
    changes = {
        "items": items,
        "draft": draft,
        "before": before,
        "difference": tuple(
            line
            for item in items
            if item.marker in before
            for line in (
                *difference(before[item.marker], item.args.fields),
                *new_files(proposed[item.marker].pins, item.pins),
            )
        ),
    }
    if len(items) == 1 and view.title == view.items[0].title.text:
        changes["title"] = items[0].title.text
    return view.model_copy(update=changes)


def _item_as_drafted(kernel: Kernel, item: CardItem, drafted: CardDrafted) -> CardItem:
    """Return an item with other arguments, and what these will do in the words of its action.

    What the owner wrote anew comes from nowhere else.
    """
    before = item.args.fields
    args = {**before, **drafted.edits[item.marker].fields}
    pins = drafted.pins.get(item.marker, item.pins)
    kept = {
        name: taint
        for name, taint in item.origins.items()
        if name not in args or args[name] == before.get(name)
    }
    changes: dict[str, Any] = {"args": Erasable.of(args), "pins": pins, "origins": kept}
    with suppress(RefusedError):  # no action of this name: a budget, or one that is gone
        action = kernel.actions.get(item.action)
        typed = kernel.actions.validate(item.action, args)
        preview, impact = action.preview(typed), action.impact(typed)
        _, override, _ = kernel.policy.for_action(item.action, impact)
        stated = (override.impact if override else None) or impact
        changes |= {
            "title": Erasable.of(preview.title),
            "body": Erasable.of(with_files(pins, preview.body)),
            "usd": action.cost(typed),
            "ruling": item.ruling.model_copy(update={"impact": stated}),
        }
    return item.model_copy(update=changes)


async def from_outside(kernel: Kernel, view: CardView) -> bool:
    """Whether outside text has a part in what a card asks, or in the goal that asks it.

    A budget and a notice are asked in Equerry's own words.
    """
    if view.kind in {"budget", "notice"}:
        return False
    if any(source.outside for item in view.items for source in item.ruling.sources):
        return True
    state = await kernel.goal(view.goal) if view.goal is not None else None
    return state is not None and any(s.outside for s in (*state.sources, *state.plan_sources))


def _joined(opened: CardOpened, joined: CardJoined) -> CardOpened:
    """Return a card that also says who else asks the same, and from which sources."""
    task = joined.primary.rpartition("/")[2]
    items = []
    for item in opened.items:
        origins = dict(item.origins)
        if item.task == task:
            for name, taint in joined.origins.items():
                origins[name] = merged(origins.get(name, ()), taint)
        items.append(item.model_copy(update={"origins": origins}))
    why = (
        f"{opened.why.text} Asked for twice: {joined.asked.text}"
        if joined.asked
        else opened.why.text
    )
    texts = {"why": opened.why.model_copy(update={"value": why}), "items": tuple(items)}
    return opened.model_copy(update=texts)


async def open_card(kernel: Kernel, card: str) -> tuple[Row, int] | None:
    """Return the row of a card and the version of its stream; None for one that is not open.

    Who appends at that version knows that nobody answered meanwhile.
    """
    version = await kernel.log.version(f"card:{card}")
    row = await kernel.rows.get("cards", card)
    return (row, version) if row is not None and row.state == "open" else None


def receipts(row: Row, channel: str) -> tuple[str, ...]:
    """Return the receipts of the messages of a channel that show a card and are kept up to date."""
    copies = row.doc.get("copies", {}).get(channel, ())
    shown = row.doc["shown"].get(channel)
    return (*([shown] if shown else []), *copies)


async def joined_goals(kernel: Kernel, goal: str, cards: Iterable[str]) -> dict[str, str]:
    """Return the goals beside `goal` that wait for its cards, each once, with its conversation."""
    rows = [await kernel.rows.get("cards", card) for card in cards]
    joins = [join for row in rows if row is not None for join in row.doc["joined"]]
    return {join["goal"]: join["conversation"] for join in joins if join["goal"] != goal}


def _view(
    opened: CardOpened,
    goal: str | None,
    decided: CardDecided | None,
    standing: tuple[str, str, str | None],
) -> CardView:
    state, note, at = standing
    verdict: Verdict | None = decided.verdict if decided else None
    return CardView(
        card=opened.card,
        goal=goal,
        kind=opened.kind,
        conversation=opened.conversation,
        title=opened.title.text,
        why=opened.why.text,
        route=opened.route,
        items=opened.items,
        state=_state(state),
        verdict=verdict,
        decided_by=decided.by if decided else None,
        decided_at=at,
        note=_note(opened.items, decided) or note,
        difference=_changes(opened.items, decided),
    )


def _note(items: tuple[CardItem, ...], decided: CardDecided | None) -> str:
    """Return what the owner said beside the verdict: a reason, or which items were meant."""
    if decided is None:
        return ""
    if decided.left_out:
        taken = [str(n) for n, item in enumerate(items, 1) if item.marker not in decided.left_out]
        return f"{', '.join(taken)} of {len(items)} only, the others rejected"
    return decided.reason.text if decided.reason else ""


def _moment(at: datetime, kernel: Kernel) -> str:
    """Return the time of a decision in the owner's zone, with the day where that is another."""
    then, now = (one.astimezone(kernel.zone) for one in (at, kernel.clock.now()))
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then.day} {then:%b %H:%M}"


def _state(state: str) -> Literal["open", "decided", "expired"]:
    return "decided" if state == "decided" else "expired" if state == "expired" else "open"


def _changes(items: tuple[CardItem, ...], decided: CardDecided | None) -> tuple[str, ...]:
    if decided is None:
        return ()
    return tuple(
        line
        for item in items
        if item.marker in decided.edits
        for line in difference(item.args.fields, decided.edits[item.marker].fields)
    )
