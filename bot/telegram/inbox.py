"""What comes in from Telegram: who it is from decides what it may do."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from adapters.telegram.incoming import Incoming, Invited, Said, Tapped
from adapters.telegram.places import CHANNEL
from adapters.telegram.rich import units
from bot.app import App
from bot.commands.answer import Answer, Block, Drafted, choices_of
from bot.front import Line
from bot.telegram import forwarding
from bot.telegram.editing import Editing
from bot.telegram.naming import placed
from bot.telegram.outbox import Printed, queue
from bot.telegram.pairing import REFUSAL, WELCOME, Pairing
from bot.telegram.pictures import drawn
from bot.telegram.revising import revise
from bot.telegram.taps import Taps
from bot.telegram.versions import Versions
from core.access.register import Register
from core.domain.errors import EquerryError, StorageError, TransientError
from core.domain.own_words import sentence

KEPT_BACK = (
    "I listen here once my owner has said yes on the card that I sent them. Until then I read "
    "nothing."
)
NO_WORDS = "I cannot take in a {what}: write it in words, please."

SHORT_SETTLES = timedelta(seconds=0.18)
"""How long a message waits for what is sent with it: no longer than a person notices."""
FORWARD_SETTLES = timedelta(seconds=0.1)
"""The same for what is forwarded: several are sent in one go."""
ALBUM_SETTLES = timedelta(seconds=0.7)
"""The same for files, of which Telegram sends each one of an album as soon as it is uploaded, and
for what came along with its next message: that one is at hand, and only has to be written down."""
PASTE_SETTLES = timedelta(seconds=1.75)
"""The same for a part of a paste: a client sends the next one when this one has arrived."""
NEAR_LIMIT = 3_500
"""Units from which on a text is taken for a part of a paste: clients cut them below 4,096, where a
line or a word ends."""

logger = logging.getLogger(__name__)


class Inbox:
    """Hands what owners say to the front; everybody else is outside text, or is refused.

    When `take` returns, what came is durable: the update may be confirmed. It raises where it
    could not be kept, and is to be called again then; twice does nothing twice.
    """

    def __init__(self, app: App, register: Register, editing: Editing, taps: Taps) -> None:
        """Take in for `app`."""
        self._app, self._front, self._register = app, editing.front, register
        self._editing, self._taps = editing, taps
        self._versions = Versions(app)
        self.pairing = Pairing(app.kernel, register)

    async def take(self, incoming: Incoming) -> None:
        """Handle one update. Raises StorageError or TransientError when it is not kept.

        What cannot be done at all is written to the log: tried again it would hold up all others.
        """
        try:
            await self._take(incoming)
        except (StorageError, TransientError):
            raise
        except EquerryError as error:
            logger.warning("update %s was not taken: %s", incoming.update, error)

    async def _take(self, incoming: Incoming) -> None:
        if isinstance(incoming, Tapped):
            await self._taps.take(incoming)
        elif isinstance(incoming, Invited):
            await self.pairing.ask("group", incoming.place.chat, incoming.title)
        elif incoming.private:
            await self._in_private(incoming)
        else:
            await self._in_group(incoming)

    async def _in_private(self, said: Said) -> None:
        who = said.person
        if await self._register.is_owner(who.ident):
            await self._from_owner(said)
        elif await self.pairing.redeem(said.text, who.ident, who.told, _key(said, "pair")):
            await queue(self._app, said.place.conversation, WELCOME, _key(said, "welcome"))
        else:
            if said.text.lower().startswith("/start"):
                await self.pairing.ask("owner", who.ident, who.told)
            await self._refuse(said, who.ident, REFUSAL)

    async def _in_group(self, said: Said) -> None:
        if not said.addressed:
            return
        if not await self._register.is_known_group(said.place.chat):
            await self.pairing.ask("group", said.place.chat, said.group_title)
            await self._refuse(said, said.place.chat, KEPT_BACK)
        elif await self._register.is_owner(said.person.ident):
            await self._from_owner(said)
        else:
            await self._front.take(self._line(said, owner=False))

    async def _refuse(self, said: Said, ident: str, words: str) -> None:
        conversation = said.place.conversation
        if await self._register.refuse(ident, conversation, _key(said, "refuse")):
            await queue(self._app, conversation, words, _key(said, "refused"))

    async def _from_owner(self, said: Said) -> None:
        """Do what the owner says; what cannot be done is said in a sentence."""
        conversation = said.place.conversation
        if not await self._versions.is_news(said):
            return
        try:
            blocks = await self._done(said)
        except (StorageError, TransientError):
            raise
        except EquerryError as error:
            printed = Printed(sentence(error), choices=choices_of(error))
            await queue(self._app, conversation, printed, _key(said, "error"), "error")
            return
        self._versions.note(said)
        if blocks:
            text, files = await drawn(self._app, blocks)
            printed = Printed(text, files, choices_of(blocks))
            await queue(self._app, conversation, printed, _key(said, "blocks"))

    async def _done(self, said: Said) -> Sequence[Block]:
        """Do what the owner says; return what is to be said at once."""
        blocks: list[Block] = [NO_WORDS.format(what=said.holds)] if said.holds else []
        if not (said.text or said.files):
            return blocks
        if said.edited:
            told = await self._editing.was_taken(said)
            if told is None:
                said, told = await revise(self._app, said)
            if told is not None:
                return [*blocks, told]
        line = await placed(self._app, said, self._line(said, owner=True))
        taken = await self._front.take(line)
        if isinstance(taken, Drafted):
            await self._editing.show_drafted(said, taken)
            return blocks
        kept = await forwarding.told(self._app, said) if said.forwarded else None
        return Answer([*blocks, *taken, *([kept] if kept else [])], [choices_of(taken)])

    def _line(self, said: Said, *, owner: bool) -> Line:
        return Line(
            channel=CHANNEL,
            conversation=said.place.conversation,
            sender=said.person.ident,
            text=said.text,
            dedupe=said.dedupe,
            owner=owner,
            forwarded=said.forwarded,
            attachments=said.files,
            sent_at=said.sent_at,
            settles=self._app.kernel.clock.now() + settling_time(said) if owner else None,
            replaces=said.name if said.edited else None,
            quotes=said.quotes,
        )


def settling_time(said: Said) -> timedelta:
    """Return how long a message waits for what belongs to it."""
    if units(said.text) >= NEAR_LIMIT and not said.edited:
        return PASTE_SETTLES
    if said.followed or any(file.kind != "voice" for file in said.files):
        return ALBUM_SETTLES
    return FORWARD_SETTLES if said.forwarded else SHORT_SETTLES


def _key(said: Said, what: str) -> str:
    return f"{CHANNEL}:{said.dedupe}:{what}"
