"""Taps on buttons: only an owner's counts; it is answered at once, then decided."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from adapters.chat.cards import Look, verdict_line
from adapters.telegram.incoming import Tapped
from adapters.telegram.keyboards import (
    Tap,
    always_keyboard,
    card_keyboard,
    confirm_keyboard,
    read_choice,
    read_draft_tap,
    read_tap,
)
from adapters.telegram.places import CHANNEL, Place, receipt_of
from adapters.telegram.surface import TelegramSurface
from bot.app import App
from bot.telegram.choosing import Choosing
from bot.telegram.editing import Editing
from bot.telegram.outbox import queue
from core.access.register import Register
from core.domain.cards import Verdict
from core.domain.errors import (
    BadInputError,
    EquerryError,
    RefusedError,
    StorageError,
    UnknownThingError,
)
from core.domain.own_words import sentence
from core.gates.decide import DecideCard, OutdatedDraftError, decide_card
from core.gates.drafts import drop_draft
from core.gates.limits import UNLIMITED, Limits
from core.gates.views import card_view, receipts
from core.ports.chat_surface import CardView
from core.telemetry.why import why

logger = logging.getLogger(__name__)
NOT_YOURS = "Only the owner decides here."
OUTDATED = "This button is of another time: /inbox lists the cards that wait."


GONE = "This message is too old to be answered by a tap: write the command."


class Taps:
    """Decides cards by their buttons."""

    def __init__(
        self, app: App, surface: TelegramSurface, register: Register, editing: Editing
    ) -> None:
        """Take taps for `app`, from the owners of `register`."""
        self._app, self._surface, self._register = app, surface, register
        self._editing, self._choosing = editing, Choosing(app)
        self._answering: set[asyncio.Task[None]] = set()

    async def take(self, tapped: Tapped) -> None:
        """Answer a tap, and do what it says. What it decides is durable when this returns."""
        if not await self._register.is_owner(tapped.person.ident):
            self._answer(tapped, NOT_YOURS)
            return
        line = read_choice(tapped.data)
        await (self._answer_card(tapped) if line is None else self._choose(tapped, line))

    async def _answer_card(self, tapped: Tapped) -> None:
        draft, tap = read_draft_tap(tapped.data), read_tap(tapped.data)
        named = draft or tap
        try:
            view = await card_view(self._app.kernel, named.card if named is not None else "")
        except UnknownThingError:
            self._answer(tapped, OUTDATED)
            return
        if view.state != "open":
            self._answer(tapped, _closed(view))
            self._beside(self._draw(tapped, view, whole=draft is None))
            return
        self._answer(tapped)
        try:
            if draft is not None:
                await self._decide(tapped, view, "accept", draft=draft.draft)
            elif tap is not None:
                await self._do(tapped, tap, view)
        except StorageError:
            raise
        except RefusedError as error:
            await self._say(tapped, view, error)

    async def _choose(self, tapped: Tapped, line: str) -> None:
        """Run the command line of a button."""
        if tapped.place is None:
            self._answer(tapped, GONE)
            return
        self._answer(tapped)
        await self._choosing.take(tapped, tapped.place, line)

    async def _do(self, tapped: Tapped, tap: Tap, view: CardView) -> None:
        place = tapped.place or Place(view.conversation.split(":")[1])
        if tap.verb in {"a", "r"}:
            await self._decide(tapped, view, "accept" if tap.verb == "a" else "reject")
        elif tap.limits is not None:
            await self._decide(tapped, view, "accept", limits=tap.limits)
        elif tap.verb == "e":
            self._editing.expect(view, place, tapped.person.ident)
            self._beside(self._editing.ask(view, place))
        elif tap.verb == "o":
            await self._take_back(tapped, view)
        elif tap.verb == "w":
            text = await why(self._app.kernel, view.conversation, view.card)
            await queue(self._app, place.conversation, text, f"tap:{tapped.query}:{view.card}")
        else:
            keys = {"g": always_keyboard, "c": confirm_keyboard}.get(tap.verb, card_keyboard)(view)
            if tapped.message is not None:
                self._beside(self._surface.rekey(place.chat, tapped.message, keys))

    async def _decide(
        self,
        tapped: Tapped,
        view: CardView,
        verdict: Verdict,
        *,
        draft: int | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Decide a card; a card that somebody else decided meanwhile shows who and when."""
        command = DecideCard(
            card=view.card,
            verdict=verdict,
            by="owner",
            via=CHANNEL,
            tap=f"{CHANNEL}:{tapped.query}:{view.card}",
            draft=draft,
            always=limits is not None,
            limits=limits or UNLIMITED,
        )
        try:
            await decide_card(self._app.kernel, command)
        except OutdatedDraftError as error:
            await self._show_newer(tapped, view.card, error)
            return
        except BadInputError as error:
            await self._say(tapped, view, error)
        await self._app.engine.wake(view.conversation)
        if not await self._is_followed(tapped, view.card):
            now = await card_view(self._app.kernel, view.card)
            self._beside(self._draw(tapped, now, whole=draft is None))

    async def _show_newer(self, tapped: Tapped, card: str, error: OutdatedDraftError) -> None:
        """Show what a card means by now in place of the edit that was tapped; decide nothing."""
        now = await card_view(self._app.kernel, card)
        await self._say(tapped, now, error)
        place = tapped.place
        if place is None or tapped.message is None:
            return
        self._beside(self._surface.rekey(place.chat, tapped.message, ()))
        if now.draft:
            self._beside(self._editing.show(place, now))

    async def _take_back(self, tapped: Tapped, view: CardView) -> None:
        """Take a card back to what was proposed; its own messages show that then."""
        name = f"{CHANNEL}:{tapped.query}"
        now = await drop_draft(self._app.kernel, view.card, "owner", name)
        await self._app.engine.wake(now.conversation)
        if tapped.place is not None and tapped.message is not None:
            self._beside(self._surface.rekey(tapped.place.chat, tapped.message, ()))
            if not now.draft:
                told = f"Card {view.card} means what it proposed first again."
                key = f"tap:{tapped.query}:{view.card}"
                await queue(self._app, tapped.place.conversation, told, key)

    async def _is_followed(self, tapped: Tapped, card: str) -> bool:
        """Whether the tapped message is the one that shows what becomes of the card."""
        row = await self._app.kernel.rows.get("cards", card)
        if row is None or tapped.place is None or tapped.message is None:
            return True
        here = (row.group or "").startswith(f"{CHANNEL}:")
        return here and receipt_of(tapped.place.chat, [tapped.message]) in receipts(row, CHANNEL)

    async def _say(self, tapped: Tapped, view: CardView, error: EquerryError) -> None:
        """Say why a tap decided nothing; a second delivery of one that did says nothing."""
        place = tapped.place
        if place is not None:
            now = await card_view(self._app.kernel, view.card)
            text = _closed(now) if now.state != "open" else sentence(error)
            await queue(self._app, place.conversation, text, f"tap:{tapped.query}:{view.card}")

    async def _draw(self, tapped: Tapped, view: CardView, *, whole: bool) -> None:
        """Bring a message up to date that still shows buttons."""
        if tapped.place is None or tapped.message is None:
            return
        chat = tapped.place.chat
        if whole:
            await self._surface.redraw(view, chat, tapped.message)
        else:
            await self._surface.rekey(chat, tapped.message, ())

    def _answer(self, tapped: Tapped, text: str = "") -> None:
        self._beside(self._surface.answer(tapped.query, text))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that is only shown, while the next update is taken already."""
        task = asyncio.create_task(_quietly(work))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except EquerryError as error:
        logger.warning("a tap could not be shown: %s", error)


def _closed(view: CardView) -> str:
    """Say what became of a card, by whom and when."""
    if view.state == "expired":
        return f"This question no longer stands: {view.note or 'it was settled meanwhile'}."
    line = verdict_line(view.model_copy(update={"note": "", "results": ()}), Look())
    told = line.text if line is not None else ""
    return f"Already {told[:1].lower()}{told[1:]}."
