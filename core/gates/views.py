"""A card as surfaces draw it, read back from the log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from core.domain.cards import CardItem, Verdict
from core.domain.errors import UnknownThingError
from core.domain.events import decode
from core.domain.events.gates import CardDecided, CardExpired, CardJoined, CardOpened
from core.domain.sources import merged
from core.gates.difference import difference
from core.kernel import Kernel
from core.ports.chat_surface import CardView
from core.ports.event_log import EventQuery
from core.ports.read_models import Row


async def card_view(kernel: Kernel, card: str) -> CardView:
    """Return a card with its texts and its state. Raises UnknownThingError."""
    events = await kernel.events(EventQuery(stream=f"card:{card}"))
    if not events:
        message = f"There is no card {card!r}; /inbox lists the open ones."
        raise UnknownThingError(message)
    opened: CardOpened | None = None
    decided: CardDecided | None = None
    at, state, note = None, "open", ""
    for event in events:
        payload = decode(event)
        if isinstance(payload, CardOpened):
            opened = payload
        elif isinstance(payload, CardJoined) and opened is not None:
            opened = _joined(opened, payload)
        elif isinstance(payload, CardDecided):
            decided, state = payload, "decided"
            at = _moment(event.at, kernel)
        elif isinstance(payload, CardExpired):
            state, note = "expired", payload.reason
    if opened is None:
        message = f"Card {card!r} was never opened."
        raise UnknownThingError(message)
    return _view(opened, events[0].goal, decided, (state, note, at))


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
        note=(decided.reason.text if decided and decided.reason else note),
        difference=_changes(opened.items, decided),
    )


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
        for line in difference(item.args.value or {}, decided.edits[item.marker].value or {})
    )
