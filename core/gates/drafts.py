"""Drafts: an edit that is shown and waits for an accept; from then on the card means it."""

from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, VersionConflictError
from core.domain.events import Event, NewEvent
from core.domain.events.gates import CardDrafted
from core.gates.decide import Edits, args_of, check_edit, check_open, pins_of
from core.gates.views import card_view
from core.kernel import Kernel
from core.ports.chat_surface import CardView
from core.ports.event_log import EventQuery


def draft_key(name: str) -> str:
    """Return the idempotency key of the edit that a message is."""
    return f"draft:{name}"


async def draft_edit(kernel: Kernel, card: str, edits: Edits, by: str, name: str) -> CardView:
    """Append an edit of an open card, once for the message `name`; return the card as it is then.

    It starts from what the card shows, so that it stands for every edit before it. Raises
    BadInputError for a card that is closed, and for an edit that is not valid or changes nothing.
    """
    stream = f"card:{card}"
    version = await kernel.log.version(stream)
    view = await card_view(kernel, card)
    check_open(view)
    new = {marker: args_of(view, marker) for marker in view.before}
    for marker, args in edits.items():
        new[marker] = await check_edit(kernel, view, marker, args)
    if all(new[marker] == args_of(view, marker) for marker in new):
        message = "That changes nothing: the card stays as it is."
        raise BadInputError(message)
    proposed = {m: view.before.get(m, args_of(view, m)) for m in new}
    changed = {marker: args for marker, args in new.items() if args != proposed[marker]}
    try:
        return await _append(kernel, view, changed, by, (draft_key(name), version))
    except VersionConflictError:
        return await draft_edit(kernel, card, edits, by, name)


async def drop_draft(kernel: Kernel, card: str, by: str, name: str) -> CardView:
    """Take an open card back to what was proposed, once for the tap `name`; return it.

    Raises BadInputError for a card that is closed.
    """
    version = await kernel.log.version(f"card:{card}")
    view = await card_view(kernel, card)
    check_open(view)
    if not view.draft:
        return view
    try:
        return await _append(kernel, view, {}, by, (draft_key(name), version))
    except VersionConflictError:
        return await drop_draft(kernel, card, by, name)


async def draft_of(kernel: Kernel, name: str) -> Event | None:
    """Return the event by which a message was taken as an edit of a card, None where it was not."""
    found = await kernel.log.read(EventQuery(keys=(draft_key(name),)), limit=1)
    return found[0] if found else None


async def _append(
    kernel: Kernel, view: CardView, edits: Edits, by: str, at: tuple[str, int]
) -> CardView:
    key, version = at
    redact = kernel.redactor.redact
    payload = CardDrafted(
        card=view.card,
        conversation=view.conversation,
        edits={marker: Erasable.of(redact(args)) for marker, args in edits.items()},
        by=by,
        pins=await pins_of(kernel, view, edits),
    )
    stream = f"card:{view.card}"
    event = NewEvent(stream=stream, payload=payload, goal=view.goal, actor=by, key=key)
    await kernel.log.append([event], expect={stream: version})
    return await card_view(kernel, view.card)
