"""The front: one line of the owner, from any surface, goes to a command, a card or intake."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.app import App
from bot.commands.answer import Block, Drafted
from bot.commands.catalog import build_commands
from bot.reply_target import meant_card, open_cards
from core.domain.errors import BadInputError
from core.domain.inbound import Attachment, Inbound
from core.domain.own_words import Own
from core.domain.quotations import read_quotations
from core.gates.decide import DecideCard, Decided, Edits, check_open, decide_card, tap_key
from core.gates.drafts import draft_edit, draft_of
from core.gates.views import card_view
from core.gates.words import (
    Answer,
    edits_of,
    fields_of,
    markers_of,
    new_text,
    read_answer,
    read_reply,
)
from core.goals.intake import clean, intake, intake_key
from core.memory.facts import relevant_facts
from core.memory.learning.forget_wish import forget_target
from core.ports.event_log import EventQuery

STATUS = "/status"
WHY = re.compile(r"why\??(?:\s+(?P<name>C[A-Z2-7]{8}|G\d\w*))?\s*\??", re.IGNORECASE)

MOSTLY_QUOTED = (
    "Most of this is quoted, so I take that as somebody else's words: only what you wrote beside "
    "it counts as yours."
)
ALL_QUOTED = (
    "All of this is quoted, so I keep it as somebody else's words: it commands nothing. Say what I "
    "shall do with it, for example: note it."
)
QUOTING_COMMAND = (
    "A command takes your own words only, and a part of this is quoted: leave that out, or say "
    "without a slash what I shall do with it."
)


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody wrote: where, who, the text, and a key that is unique per line.

    `settles` is when it is looked at: what else is said until then is one turn with it;
    `quotes` are words of others that are quoted beside its text. `replies_to` names the message
    that it answers, `replaces` is the key of an earlier form of it: such a line is talk, whatever
    it says. `card` is the card whose own message it answers, `edits`
    one whose new text was asked for by the message that it answers; `below`: it answers another
    message of Equerry's.

    A line that is `forwarded`, or not of the `owner`, is outside text: it commands nothing and
    decides nothing, whatever it says. One with `attachments` is a message, no command.
    """

    channel: str
    conversation: str
    sender: str
    text: str
    dedupe: str
    owner: bool = True
    forwarded: bool = False
    attachments: tuple[Attachment, ...] = ()
    sent_at: datetime | None = None
    settles: datetime | None = None
    replies_to: str | None = None
    replaces: str | None = None
    quotes: tuple[str, ...] = ()
    card: str | None = None
    edits: str | None = None
    below: bool = False


@dataclass(frozen=True, slots=True)
class _Expected:
    """A card whose new text the next line is, until then; `shown`: it is shown before it counts."""

    card: str
    until: datetime | None = None
    shown: bool = False


class Front:
    """Takes lines of the owner. Errors of the core are sentences for the owner."""

    def __init__(self, app: App) -> None:
        """Serve every conversation of `app`."""
        self._app = app
        self.commands = build_commands()
        self._expected: dict[tuple[str, str], _Expected] = {}

    async def take(self, line: Line) -> Sequence[Block]:
        """Handle a line; return blocks to show at once. Replies come through the surface."""
        text = clean(line.text)
        if line.forwarded or not line.owner or line.attachments:
            return await self._receive(line, text)
        if line.replaces is not None:  # an old line that was changed is not the next one
            return await self._obey(line, text, None)
        expected = self._expected.pop((line.conversation, line.sender), None)
        if text.strip().lower() == STATUS:  # asks the store for nothing that it might not answer
            return await self.commands.run(self._app, line.conversation, STATUS, "owner")
        return await self._obey(line, text, expected)

    def expect(self, line: Line, card: str, until: datetime | None = None) -> None:
        """Take the next line of this person in this place as the new text of a card.

        With a time it is only waited for until then, and what it changes is shown first.
        """
        expected = _Expected(card, until, shown=until is not None)
        self._expected[line.conversation, line.sender] = expected

    async def _obey(self, line: Line, text: str, expected: _Expected | None) -> Sequence[Block]:
        if known := await draft_of(self._app.kernel, line.dedupe):
            return await self._drafted_again(known.stream.partition(":")[2])
        if await self._was_taken(line):
            return []
        if text.startswith("/"):
            if _is_quoting(text):
                raise BadInputError(QUOTING_COMMAND)
            key = _command_key(line)
            return await self.commands.run(self._app, line.conversation, text, "owner", key)
        if asked := WHY.fullmatch(text):
            newest = await open_cards(self._app, line.conversation, 1)
            name = asked["name"] or next(iter(newest), "")
            return await self.commands.run(self._app, line.conversation, f"/why {name}", "owner")
        if line.replaces is None and (said := await self._answer(line, text, expected)) is not None:
            return said
        if line.replaces is None and (wish := await self._forget(line, text)) is not None:
            return wish
        return await self._receive(line, text)

    async def _forget(self, line: Line, text: str) -> Sequence[Block] | None:
        """Ask which fact a wish to forget means; None where it is no such wish, or means none."""
        target = forget_target(text)
        kernel = self._app.kernel
        if target is None or not await relevant_facts(
            kernel.recall.knowledge, kernel.rows, target, 1
        ):
            return None
        key = _command_key(line)
        command = f"/forget {' '.join(target.split())}"
        return await self.commands.run(self._app, line.conversation, command, "owner", key)

    async def _answer(
        self, line: Line, text: str, expected: _Expected | None
    ) -> Sequence[Block] | None:
        """Do what a line says to a card; return None for talk."""
        if line.edits is not None:
            return await self._revise(line, line.edits, new_text(text), shown=True)
        answer = await self._read(line, text)
        if answer is None or (expected is not None and answer.soft and answer.card is None):
            taken = await self._take_expected(line, text, expected)
            if taken is not None or answer is None:
                return taken
        card = await meant_card(self._app, line, answer)
        if card is None:
            return None
        if answer.verdict == "edit" and answer.text is not None:
            return await self._revise(line, card, answer)
        return await self._decide(line, card, answer)

    async def _read(self, line: Line, text: str) -> Answer | None:
        """Return the answer that a line is; raises where limits are wrong and a card is there."""
        try:
            return read_reply(text) if line.card else read_answer(text)
        except BadInputError:
            if line.card or await open_cards(self._app, line.conversation, 1):
                raise
            return None

    async def _take_expected(
        self, line: Line, text: str, expected: _Expected | None
    ) -> Sequence[Block] | None:
        """Take a line as the new text that was asked for; return None where none was."""
        now = self._app.kernel.clock.now()
        if expected is None or (expected.until is not None and now >= expected.until):
            return None
        if (await card_view(self._app.kernel, expected.card)).state != "open":
            return None
        said = await self._revise(line, expected.card, new_text(text), shown=expected.shown)
        return Drafted(said.view, expected=True) if isinstance(said, Drafted) else said

    async def _receive(self, line: Line, text: str) -> Sequence[str]:
        """Take a line in as a message."""
        inbound = Inbound(
            channel=line.channel,
            conversation=line.conversation,
            sender=line.sender,
            text=text,
            sent_at=line.sent_at or self._app.kernel.clock.now(),
            dedupe=line.dedupe,
            attachments=line.attachments,
            forwarded=line.forwarded,
            settles=line.settles,
            replies_to=line.replies_to,
            replaces=line.replaces,
            quotes=line.quotes,
        )
        received = await intake(self._app.kernel, inbound, owner=line.owner)
        await self._app.engine.wake(line.conversation)
        if not received.mostly_quoted:
            return []
        return [MOSTLY_QUOTED if received.own else ALL_QUOTED]

    async def _was_taken(self, line: Line) -> bool:
        """Whether this very line was handled before, whatever it would mean by now.

        A script that is run again says `accept` when another card is the newest, or none is open.
        """
        keys = (intake_key(line.channel, line.dedupe), tap_key(line.dedupe), _command_key(line))
        return bool(await self._app.kernel.log.read(EventQuery(keys=keys), limit=1))

    async def decide(self, command: DecideCard) -> Decided:
        """Decide a card and wake what waits for it."""
        decided = await decide_card(self._app.kernel, command)
        await self._app.engine.wake(decided.view.conversation)
        return decided

    async def draft(self, line: Line, card: str, edits: Edits) -> Drafted:
        """Show what an edit changes; from then on the card means it, and waits for an accept."""
        kernel = self._app.kernel
        view = await draft_edit(kernel, card, edits, "owner", line.dedupe)
        await self._app.engine.wake(view.conversation)
        return Drafted(view)

    async def _drafted_again(self, card: str) -> Sequence[Block]:
        """Show the newest edit of a card once more to a line that was taken as one before."""
        view = await card_view(self._app.kernel, card)
        await self._app.engine.wake(view.conversation)
        return Drafted(view) if view.draft else []

    async def _revise(
        self, line: Line, card: str, answer: Answer, *, shown: bool = False
    ) -> Sequence[Block]:
        """Edit a card in words. What cannot be undone is shown first, and waits for an accept."""
        view = await card_view(self._app.kernel, card)
        check_open(view)
        edits = edits_of(answer, view.items)
        if shown or any(item.undo is None for item in view.items):
            return await self.draft(line, card, edits)
        await self.decide(
            DecideCard(
                card=card,
                verdict="edit",
                by="owner",
                via=line.channel,
                tap=line.dedupe,
                edits=edits,
            )
        )
        return []

    async def _decide(self, line: Line, card: str, answer: Answer) -> Sequence[Block]:
        view = await card_view(self._app.kernel, card)
        if answer.verdict == "edit":
            check_open(view)
            self.expect(line, card)
            fields = ", ".join(fields_of(view.items))
            return [f"Send the new text as one message, or: edit field=value ({fields})."]
        decided = await self.decide(
            DecideCard(
                card=card,
                verdict=answer.verdict,
                by="owner",
                via=line.channel,
                tap=line.dedupe,
                reason=answer.reason,
                always=answer.always,
                limits=answer.limits,
                only=markers_of(answer.only, view.items),
            )
        )
        return [Own(f"Granted {decided.grant}: /grants lists it.")] if decided.grant else []


def _command_key(line: Line) -> str:
    return f"command:{line.channel}:{line.dedupe}"


def _is_quoting(text: str) -> bool:
    """Whether a part of a line is quoted: those words are not the owner's."""
    return bool(read_quotations(text, str).blocks)
