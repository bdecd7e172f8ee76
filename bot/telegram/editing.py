"""Editing a card: a draft to reply to, the difference shown, accepted again.

Nothing of it is kept in this process: the message to reply to names its card, and what the owner
wrote is an event of the card. One thing is, for a few minutes: who pressed Edit and then just
writes, as apps without replies make them do, means the new text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.telegram.incoming import Said
from adapters.telegram.keyboards import Button
from adapters.telegram.places import Place
from adapters.telegram.rich import Rich, join, styled
from adapters.telegram.surface import TelegramSurface
from bot.app import App
from bot.front import WHY
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events import NewEvent, decode
from core.domain.events.gates import CardDrafted
from core.gates.decide import draft_pins, preview_edits
from core.gates.views import card_view
from core.gates.words import content_field, edits_of, fields_of, read_answer
from core.ports.chat_surface import CardView
from core.ports.event_log import EventQuery

PROMPT = re.compile(r"^Edit (?P<card>C[A-Z2-7]{8}) ")
DRAFT = re.compile(r"d:(?P<card>C[A-Z2-7]{8}):(?P<version>\d{1,9})")
"""What the button below a draft carries."""
Edits = dict[str, dict[str, Any]]
LONGEST_DRAFT = 3000
PATIENCE = timedelta(minutes=5)
"""How long after Edit a message that replies to nothing is the new text."""
TAKEN = "You pressed Edit, so I took this as the new text. If it was not: just send it again."


@dataclass(frozen=True, slots=True)
class _Expected:
    """A card whose new text may come without a reply, until then."""

    card: str
    until: datetime


class Editing:
    """Asks for new text, takes it, and shows what it changes."""

    def __init__(self, app: App, surface: TelegramSurface) -> None:
        """Edit the cards of `app` in the chats of `surface`."""
        self._app, self._surface = app, surface
        self._expected: dict[tuple[str, str], _Expected] = {}

    def expect(self, view: CardView, place: Place, person: str) -> None:
        """Take what this person writes next in this place as the new text, for a while."""
        until = self._app.kernel.clock.now() + PATIENCE
        self._expected[place.conversation, person] = _Expected(view.card, until)

    async def ask(self, view: CardView, place: Place) -> None:
        """Send what is there now, to be replied to with what shall be there."""
        await self._surface.ask(place, _prompt(view))

    async def take(self, said: Said) -> bool:
        """Take a reply to such a message, or what is expected; return whether it was one.

        Raises BadInputError, naming the field, for an edit that does not validate.
        """
        asked = PROMPT.match(said.replied)
        card = asked["card"] if asked else await self._meant(said)
        if card is None:
            return False
        view = await card_view(self._app.kernel, card)
        if view.state != "open" and not asked:
            return await self._draft_of(said) is not None
        if view.state != "open":
            message = f"Card {view.card} is closed by now: nothing was changed."
            raise BadInputError(message)
        edits, lines = await self._checked(view, said.text)
        version = await self._draft(view, edits, said)
        buttons = [
            [Button("Accept", f"d:{view.card}:{version}"), Button("Edit again", f"e:{view.card}")]
        ]
        parts: list[Rich | str] = [styled(f"Edit of {view.card}", "bold"), "\n".join(lines)]
        if not asked:
            parts.append(styled(TAKEN, "italic"))
        shown = join(parts, "\n")
        await self._surface.write(said.place, shown, buttons)
        self._expected.pop((said.place.conversation, said.person.ident), None)
        return True

    async def _meant(self, said: Said) -> str | None:
        """Return the card that a message without a reply is the new text of, where that is sure.

        Also that of a message which was taken so before the program was killed.
        """
        known = await self._draft_of(said)
        if known is not None:
            return known
        key = (said.place.conversation, said.person.ident)
        expected = self._expected.get(key)
        if expected is None or not _is_plain(said):
            return None
        if self._app.kernel.clock.now() < expected.until:
            view = await card_view(self._app.kernel, expected.card)
            if view.state == "open":
                return expected.card
        del self._expected[key]
        return None

    async def _draft_of(self, said: Said) -> str | None:
        """Return the card that a message was taken as the new text of."""
        query = EventQuery(keys=(_draft_key(said),))
        found = await self._app.kernel.log.read(query, limit=1)
        return found[0].stream.partition(":")[2] if found else None

    async def drafted(self, card: str, version: int) -> Edits:
        """Return what the owner wrote, by the number of its event. Raises UnknownThingError."""
        query = EventQuery(stream=f"card:{card}", type=CardDrafted.wire)
        for event in await self._app.kernel.events(query):
            payload = decode(event)
            if event.version == version and isinstance(payload, CardDrafted):
                return {marker: args.value or {} for marker, args in payload.edits.items()}
        message = f"Card {card} has no such edit."
        raise UnknownThingError(message)

    async def _checked(self, view: CardView, text: str) -> tuple[Edits, Sequence[str]]:
        answer = read_answer(f"edit {text}")
        if answer is None or answer.card is not None:
            answer = read_answer("edit")
        if answer is None or not answer.fields:
            edits = _whole(view, text)
        else:
            edits = edits_of(answer, view.items)
        lines = await preview_edits(self._app.kernel, view, edits)
        if not lines:
            message = "That changes nothing: the card stays as it is."
            raise BadInputError(message)
        return edits, lines

    async def _draft(self, view: CardView, edits: Edits, said: Said) -> int:
        """Append the draft, once for a message; return the number of its event."""
        redact = self._app.kernel.redactor.redact
        payload = CardDrafted(
            card=view.card,
            conversation=view.conversation,
            edits={marker: Erasable.of(redact(args)) for marker, args in edits.items()},
            by="owner",
            pins=await draft_pins(self._app.kernel, view, edits),
        )
        key = _draft_key(said)
        stream = f"card:{view.card}"
        event = NewEvent(stream=stream, payload=payload, goal=view.goal, actor="owner", key=key)
        await self._app.kernel.log.append([event])
        (found,) = await self._app.kernel.log.read(EventQuery(keys=(key,)), limit=1)
        return found.version


def _draft_key(said: Said) -> str:
    return f"draft:{said.name}"


def _is_plain(said: Said) -> bool:
    """Whether it is neither a command, nor an answer to a card, nor anything but new words."""
    other = said.replied or said.edited or said.forwarded or said.holds or said.files
    if other or said.text.startswith("/") or WHY.fullmatch(said.text):
        return False
    try:
        return read_answer(said.text) is None
    except BadInputError:
        return False


def _whole(view: CardView, text: str) -> Edits:
    """Return a bare new text as the content of the one item."""
    if len(view.items) != 1:
        message = "Say which one: 1.text=…, 2.title=…"
        raise BadInputError(message)
    return {view.items[0].marker: {content_field(view.items[0]): text}}


def _prompt(view: CardView) -> Rich:
    """Return the words to reply to; the first of them name the card."""
    fields = ", ".join(fields_of(view.items))
    head = f"Edit {view.card} · reply with the new text, or with field=value ({fields})"
    if len(view.items) != 1:
        return Rich(head)
    try:
        name = content_field(view.items[0])
    except BadInputError:
        return Rich(head)
    draft = str((view.items[0].args.value or {}).get(name, ""))[:LONGEST_DRAFT]
    return join([head, styled(draft, "pre")], "\n") if draft.strip() else Rich(head)
