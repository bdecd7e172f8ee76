"""Telegram as a ChatSurface: messages, cards with buttons, and a line of progress."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from adapters.chat.cards import Look
from adapters.chat.plain import message_text
from adapters.telegram.api import MovedError, TelegramApi, TelegramRefusedError
from adapters.telegram.attachments import download
from adapters.telegram.cards import card_message, card_parts
from adapters.telegram.files import NOTHING, Files, fits_below, refused_line
from adapters.telegram.formatting import Rows, library_entities, markup_of, plainly
from adapters.telegram.homes import Homes
from adapters.telegram.keyboards import card_keyboard, choice_keyboard
from adapters.telegram.places import CHANNEL, Place, place_of, read_receipt, receipt_of
from adapters.telegram.replying import answered, below
from adapters.telegram.rich import Rich, join, styled, without_code
from adapters.telegram.says import REPEAT, late_label
from adapters.telegram.split import pieces_of
from adapters.telegram.working import Working, no_preview
from core.domain.errors import OutcomeUnknownError, TransientError, UndeliverableError
from core.domain.inbound import Attachment
from core.ports.chat_surface import CardView, Enclosure, Outbound, Progress
from core.ports.clock import Clock

if TYPE_CHECKING:
    from telegram import ForceReply, Message, ReplyParameters

BODY_LINES = 6
SHORT = 5000
"""Characters up to which a text is drawn at once; a longer one would hold everything else up."""
LONGEST_TOAST, SHORT_TOAST = 200, 60
"""What the answer to a tap may hold, and from where on it has to be closed by hand."""
_SAME = "message is not modified"
_NO_TOPIC = ("thread not found", "topic_closed", "topic_deleted")

logger = logging.getLogger(__name__)


@contextmanager
def _finally_refused() -> Iterator[None]:
    """Say of what Telegram refuses that it is undeliverable: tried again it holds up the others."""
    try:
        yield
    except TelegramRefusedError as error:
        raise UndeliverableError(str(error)) from error


def _receipt(sent: Sequence["Message"]) -> str:
    """Return the receipt of messages; a group may move between two of them, the last one counts."""
    chat = sent[-1].chat.id if sent else ""
    return receipt_of(str(chat), [one.message_id for one in sent if one.chat.id == chat])


class TelegramSurface:
    """Shows things in the chats of one bot."""

    channel = CHANNEL
    follows_results = True

    def __init__(self, api: TelegramApi, clock: Clock, zone: tzinfo) -> None:
        """Send through `api`; times are told in the owner's zone."""
        self._api, self._clock, self._zone = api, clock, zone
        self._files = Files(api)
        self._working: dict[str, Working] = {}
        self.homes = Homes()

    async def send(self, outbound: Outbound) -> str:
        """Deliver a message; see the port."""
        with _finally_refused():
            return await self._send(outbound)

    async def _send(self, outbound: Outbound) -> str:
        """Deliver a message, in pieces or as a file where it is long.

        A text that fits stands below its first picture or file, a longer one before them.
        """
        place = self.homes.now(place_of(outbound.conversation))
        text, labels = message_text(outbound), self._labels(outbound)
        stated = outbound.commands if text == outbound.text else ()
        drawn = partial(pieces_of, outside=outbound.outside, plain=outbound.plain, commands=stated)
        if len(text) <= SHORT:
            pieces, file = drawn(text, labels)
        else:
            pieces, file = await asyncio.to_thread(drawn, text, labels)
        sent: list[Message] = []
        answers, files = answered(outbound, place), list(outbound.files)
        try:
            if files and not (file or outbound.choices) and fits_below(pieces):
                caption = pieces.pop() if pieces else NOTHING
                sent.append(await self._enclose(place, files.pop(0), caption, answers))
            for number, piece in enumerate(pieces, 1):
                keys = choice_keyboard(outbound.choices) if number == len(pieces) else ()
                sent.append(await self.write(place, piece, keys, answers=answers))
                answers = None
            if file:
                sent.append(await self._send_file(place, *file))
            while files:
                sent.append(await self._enclose(place, files.pop(0)))
        except TransientError as error:
            if sent:  # a part of it is there, so all of it may come again
                raise OutcomeUnknownError(str(error)) from error
            raise
        over = outbound.kind in {"reply", "error"}
        await self._rest(outbound.conversation, outbound.goal, over=over)
        return _receipt(sent)

    def _labels(self, outbound: Outbound) -> list[Rich]:
        """Return the lines above a message: that it may be a repeat, that its question is old."""
        labels = [REPEAT] if outbound.repeat else []
        if outbound.late is not None:
            ago = late_label(outbound.late, self._clock.now())
            labels += [f"↩️ You wrote this while I was away ({ago}):"] if ago else []
        return [styled(label, "italic") for label in labels]

    async def show_card(self, view: CardView) -> str:
        """Show an open card; return its receipt, that of the message with the buttons.

        What does not fit goes before that message, so that no button is there without it.
        """
        place = self.homes.now(place_of(view.conversation))
        parts = await asyncio.to_thread(card_parts, view, self._look())
        keyboard = await asyncio.to_thread(card_keyboard, view)
        sent: list[Message] = []
        try:
            with _finally_refused():
                if parts.file is not None:
                    sent.append(await self._send_file(place, *parts.file))
                for number, message in enumerate(parts.messages, 1):
                    keys = keyboard if number == len(parts.messages) else ()
                    sent.append(await self.write(place, message, keys))
        except TransientError as error:
            if sent:  # a part of it is there, so all of it may come again
                raise OutcomeUnknownError(str(error)) from error
            raise
        await self._rest(view.conversation, view.goal, over=False)
        return _receipt(sent[-1:])

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Rewrite a card in place: the request stays, the verdict stands above it."""
        found = read_receipt(receipt)
        if found is not None:
            chat, messages = found
            await self._redraw(view, chat, messages[-1], follows=True)

    async def redraw(self, view: CardView, chat: str, message: int) -> None:
        """Bring another message of a card up to date, which is not looked after any more."""
        await self._redraw(view, chat, message, follows=False)

    async def fetch(self, attachment: Attachment) -> bytes:
        """Return a file that came with a message; see the port."""
        return await download(self._api, attachment)

    def progress(self, progress: Progress) -> None:
        """Show that work goes on, later and at most once a second."""
        working = self._working.get(progress.conversation)
        if working is None:
            if progress.is_end:
                return
            working = self._at_work(progress.conversation)
        working.hear(progress)

    async def close(self) -> None:
        """Take down what is shown of work under way."""
        while self._working:
            await self._working.popitem()[1].end()

    async def write(
        self,
        place: Place,
        rich: Rich,
        keys: Rows = (),
        *,
        force: "ForceReply | None" = None,
        answers: "ReplyParameters | None" = None,
    ) -> "Message":
        """Send one message; as plain text where Telegram refuses its entities.

        Where its topic is no more it goes to the group itself.
        """
        bot, place = self._api.bot, self.homes.now(place)

        async def call(entities: bool) -> "Message":  # noqa: FBT001 - a switch of one call
            return await self._api.say(
                place.chat,
                lambda: bot.send_message(
                    place.chat,
                    rich.text if entities else without_code(rich),
                    entities=library_entities(rich) if entities else None,
                    reply_markup=force or markup_of(keys),
                    message_thread_id=place.thread,
                    link_preview_options=no_preview(),
                    reply_parameters=answers or below(place),
                ),
            )

        try:
            return await plainly(call)
        except TelegramRefusedError as error:
            lost = place.thread and any(words in error.description for words in _NO_TOPIC)
            if not lost:
                raise
            place = place._replace(thread=None)
        except MovedError as error:
            await self.homes.follow(place.chat, error.chat)
        return await self.write(place, rich, keys, force=force)

    async def ask(self, place: Place, rich: Rich) -> None:
        """Send a message that opens the keyboard for a reply to it."""
        from telegram import ForceReply

        await self.write(place, rich, force=ForceReply(input_field_placeholder="New text"))

    async def rekey(self, chat: str, message: int, keys: Rows) -> None:
        """Put other buttons below a message."""
        bot = self._api.bot
        with suppress(TelegramRefusedError, MovedError):  # they are there already, or it is gone
            await self._api.say(
                chat,
                lambda: bot.edit_message_reply_markup(chat, message, reply_markup=markup_of(keys)),
            )

    async def answer(self, query: str, text: str = "") -> None:
        """Answer a tap; one that is too old for that is let be."""
        bot = self._api.bot
        try:
            await self._api.call(
                lambda: bot.answer_callback_query(
                    query, text=text[:LONGEST_TOAST] or None, show_alert=len(text) > SHORT_TOAST
                )
            )
        except (TelegramRefusedError, TransientError, OutcomeUnknownError) as error:
            logger.info("a tap was not answered: %s", error)

    async def rewrite(self, chat: str, message: int, rich: Rich, keys: Rows = ()) -> None:
        """Edit one message; one that is so already, or is gone, is left as it is."""
        bot = self._api.bot

        async def call(entities: bool) -> object:  # noqa: FBT001 - a switch of one call
            return await self._api.say(
                chat,
                lambda: bot.edit_message_text(
                    rich.text if entities else without_code(rich),
                    chat,
                    message,
                    entities=library_entities(rich) if entities else None,
                    reply_markup=markup_of(keys),
                    link_preview_options=no_preview(),
                ),
            )

        try:
            await plainly(call)
        except MovedError as error:
            await self.homes.follow(chat, error.chat)  # the old message stays in the old chat
        except TelegramRefusedError as error:
            if _SAME not in error.description:  # gone, too old: trying again would change nothing
                logger.warning("a message was not edited: %s", error.description)

    async def _enclose(
        self,
        place: Place,
        file: Enclosure,
        caption: Rich = NOTHING,
        answers: "ReplyParameters | None" = None,
    ) -> "Message":
        """Send a file; where Telegram does not take it, the text without it, which says so."""
        place = self.homes.now(place)
        try:
            return await self._files.send(place, file, caption, answers)
        except TelegramRefusedError as error:
            line = Rich(refused_line(file, error))
            said = join([caption, line], "\n\n") if caption.text else line
            return await self.write(place, said, answers=answers)
        except MovedError as error:
            await self.homes.follow(place.chat, error.chat)
        return await self._enclose(place, file, caption)

    async def _send_file(self, place: Place, name: str, body: bytes) -> "Message":
        bot, place = self._api.bot, self.homes.now(place)
        try:
            return await self._api.say(
                place.chat,
                lambda: bot.send_document(
                    place.chat,
                    body,
                    filename=name,
                    message_thread_id=place.thread,
                    reply_parameters=below(place),
                ),
            )
        except MovedError as error:
            await self.homes.follow(place.chat, error.chat)
        return await self._send_file(place, name, body)

    async def _redraw(self, view: CardView, chat: str, message: int, *, follows: bool) -> None:
        """Write a card anew; a long one is drawn beside the loop."""
        look = replace(self._look(), follows=follows)
        drawn = await asyncio.to_thread(_with_buttons, view, look)
        keyboard = await asyncio.to_thread(card_keyboard, view)
        await self.rewrite(chat, message, drawn, keyboard)

    def _look(self) -> Look:
        today = self._clock.now().astimezone(self._zone).date()
        return Look(self._zone, today, BODY_LINES)

    def _at_work(self, conversation: str) -> Working:
        made = Working(self._api, self.homes.now(place_of(conversation)), self._clock)
        self._working[conversation] = made
        return made

    async def _rest(self, conversation: str, goal: str | None, *, over: bool) -> None:
        """Take down what is shown of work; what else goes on is shown below the new message."""
        working = self._working.pop(conversation, None)
        if working is None:
            return
        if going := working.beside(goal, over=over):
            self._at_work(conversation).goes_on(going)
        await working.end()


def _with_buttons(view: CardView, look: Look) -> Rich:
    """Return what stands in the message of a card that has its buttons."""
    if view.state == "open":
        return card_parts(view, look).messages[-1]
    return card_message(view, look)
