"""The front: one line of the owner, from any surface, goes to a command, a card or intake."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.app import App
from bot.commands.answer import Block
from bot.commands.catalog import build_commands
from core.domain.errors import BadInputError
from core.domain.inbound import Attachment, Inbound
from core.domain.quotations import read_quotations
from core.gates.decide import DecideCard, Decided, decide_card, tap_key
from core.gates.views import card_view
from core.gates.words import Answer, edits_of, fields_of, read_answer
from core.goals.intake import clean, intake, intake_key
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery

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
    `replies_to` names the message that it answers, `replaces` is the key of an earlier form of it,
    `quotes` are words of others that are quoted beside its text.

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


class Front:
    """Takes lines of the owner. Errors of the core are sentences for the owner."""

    def __init__(self, app: App) -> None:
        """Serve every conversation of `app`."""
        self._app = app
        self.commands = build_commands()
        self._editing: dict[str, str] = {}

    async def take(self, line: Line) -> Sequence[Block]:
        """Handle a line; return blocks to show at once. Replies come through the surface."""
        text = clean(line.text)
        if line.forwarded or not line.owner or line.attachments:
            return await self._receive(line, text)
        return await self._obey(line, text)

    async def _obey(self, line: Line, text: str) -> Sequence[Block]:
        card = self._editing.pop(line.conversation, None)
        if await self._was_taken(line):
            return []
        if text.startswith("/"):
            if _is_quoting(text):
                raise BadInputError(QUOTING_COMMAND)
            key = _command_key(line)
            return await self.commands.run(self._app, line.conversation, text, "owner", key)
        if card is not None:
            return await self._decide(line, Answer(verdict="edit", card=card, text=text))
        if asked := WHY.fullmatch(text):
            name = asked["name"] or await self._newest(line.conversation) or ""
            return await self.commands.run(self._app, line.conversation, f"/why {name}", "owner")
        answer = read_answer(text)
        if answer is not None and answer.verdict == "accept" and _is_quoting(text):
            answer = None
        if answer is not None:
            card = answer.card or await self._newest(line.conversation)
            if card is not None:
                return await self._decide(line, answer.model_copy(update={"card": card}))
            if _is_bare(answer):
                message = "No card is open here: there is nothing to answer."
                raise BadInputError(message)
        return await self._receive(line, text)

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

    async def _decide(self, line: Line, answer: Answer) -> Sequence[str]:
        card = answer.card or ""
        view = await card_view(self._app.kernel, card)
        if answer.verdict == "edit" and answer.text is None and not answer.fields:
            self._editing[line.conversation] = card
            fields = ", ".join(fields_of(view.items))
            return [f"Send the new text as one message, or: edit field=value ({fields})."]
        edits = edits_of(answer, view.items) if answer.verdict == "edit" else {}
        decided = await self.decide(
            DecideCard(
                card=card,
                verdict=answer.verdict,
                by="owner",
                via=line.channel,
                tap=line.dedupe,
                edits=edits,
                reason=answer.reason,
                always=answer.always,
                limits=answer.limits,
            )
        )
        return [f"Granted {decided.grant}: /grants lists it."] if decided.grant else []

    async def _newest(self, conversation: str) -> str | None:
        query = RowQuery(
            "cards",
            group=conversation,
            states=frozenset({"open"}),
            order="written",
        )
        rows = await self._app.kernel.rows.find(query, limit=1000)
        newest = max(rows, key=lambda row: int(row.doc["position"]), default=None)
        return newest.key if newest is not None else None


def _command_key(line: Line) -> str:
    return f"command:{line.channel}:{line.dedupe}"


def _is_quoting(text: str) -> bool:
    """Whether a part of a line is quoted: those words are not the owner's."""
    return bool(read_quotations(text, str).blocks)


def _is_bare(answer: Answer) -> bool:
    return answer.verdict == "accept" or not (answer.reason or answer.fields or answer.text)
