"""Delivery: what is due to the owner goes out in order, and each send leaves a marker first."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from core.domain.choices import read_choices
from core.domain.erasable import ERASED
from core.domain.errors import (
    OutcomeUnknownError,
    OvertakenError,
    TransientError,
    UndeliverableError,
)
from core.domain.events import Claim, NewEvent, Payload
from core.domain.events.aside import AsideKind
from core.domain.events.gates import CardShown, CardUndeliverable
from core.domain.events.messages import MessageSending, MessageSent, MessageUndeliverable
from core.domain.sources import OWN_WORDS
from core.gates.views import card_view
from core.goals.enclosing import enclosed
from core.goals.finishing import Replies
from core.goals.lost import name_lost
from core.goals.quiet import quiet_until
from core.goals.setting_aside import Attempts, Subject
from core.kernel import Kernel
from core.ports.chat_surface import CardView, ChatSurface, Outbound
from core.ports.read_models import Row, RowQuery
from core.projections.card_places import UNDRAWN
from core.telemetry.restored import restored

LATE = timedelta(minutes=5)
"""From when on a message counts as one from the time that Equerry was away."""
Wake = Callable[[str, datetime], Awaitable[None]]


class Delivery:
    """Sends the outbox and shows the cards of a conversation."""

    def __init__(self, kernel: Kernel, replies: Replies, wake: Wake, since: int = 0) -> None:
        """Know which sends this process began; `wake` is for what quiet hours hold back.

        `since` is the position at which this process began: an earlier one may have shown a card
        that was opened before that, and died before it could say so.
        """
        self._kernel, self._replies, self._wake, self._since = kernel, replies, wake, since
        self._unwritten: dict[str, list[NewEvent]] = {}
        """What went out in a conversation and is not written down yet: it is not sent again."""

    async def deliver(self, conversation: str, attempts: Attempts) -> None:
        """Send and show all that is due; nothing where no surface is there.

        Raises TransientError when the platform could not be reached; what is left stays due.
        """
        surface = self._kernel.surface(conversation)
        if surface is None:
            return
        await self._write_down(conversation)
        took = await self._send_all(surface, conversation, attempts)
        if took and await name_lost(self._kernel, self._replies, conversation):
            await self._send_all(surface, conversation, attempts)
        await self._show_cards(surface, conversation, attempts)
        while subjects := await self._left("cards", conversation, {"closing"}, attempts):
            for subject in subjects:
                await attempts.attempt(subject, partial(self._update, surface, subject.row))
        while subjects := await self._left("card_places", conversation, {UNDRAWN}, attempts):
            for subject in subjects:
                await attempts.attempt(subject, partial(self._draw_draft, surface, subject.row.key))

    async def _send_all(self, surface: ChatSurface, conversation: str, attempts: Attempts) -> bool:
        """Send what is queued; return whether the chat took some of it."""
        took = False
        while subjects := await self._left("outbox", conversation, {"queued", "sending"}, attempts):
            for subject in subjects:
                sent = await attempts.attempt(subject, partial(self._send, surface, subject.row))
                took = took or bool(sent)
        return took

    async def _left(
        self, projection: str, conversation: str, states: set[str], attempts: Attempts
    ) -> list[Subject]:
        """Return what is due and did not fail in this drain."""
        kind: AsideKind = "outgoing" if projection == "outbox" else "card"
        rows = await self._due(projection, conversation, states)
        due = [Subject(kind, row) for row in rows]
        return [subject for subject in due if not attempts.leaves(subject)]

    async def _show_cards(
        self, surface: ChatSurface, conversation: str, attempts: Attempts
    ) -> None:
        while subjects := await self._left("cards", conversation, {"unshown"}, attempts):
            held = await quiet_until(self._kernel, conversation)
            for subject in subjects:
                if held is None or subject.row.doc.get("wanted"):
                    show = partial(self._show_still, surface, subject.row, conversation)
                    await attempts.attempt(subject, show)
            if held is not None:
                await self._wake(conversation, held)
                return

    async def _show_still(self, surface: ChatSurface, row: Row, conversation: str) -> None:
        card = await self._still_unshown(row)
        if card is not None:
            await self._show(surface, card, conversation)

    async def _still_unshown(self, row: Row) -> Row | None:
        """Return the card to show; None where it was shown meanwhile."""
        rows = self._kernel.rows
        return (
            await rows.get("cards", row.doc["card"]) if await rows.get("cards", row.key) else None
        )

    async def _due(self, projection: str, conversation: str, states: set[str]) -> list[Row]:
        query = RowQuery(projection, group=conversation, states=frozenset(states), order="written")
        rows = await self._kernel.rows.find(query, limit=None)
        return sorted(rows, key=lambda row: int(row.doc.get("position", 0)))

    async def _send(self, surface: ChatSurface, row: Row) -> bool:
        """Send a message; return whether the chat took it."""
        doc, attempt, replies = row.doc, row.doc["attempt"], self._replies
        now = await self._kernel.rows.get("outbox", row.key)
        if now is not None and now.state == "undeliverable":  # its goal was stopped meanwhile
            return False
        begun = row.state == "sending"
        ours = begun and doc["worker"] == replies.worker and row.key not in replies.doubted
        if not ours:
            attempt += 1
            begins = MessageSending(
                message=row.key,
                conversation=row.group or "",
                attempt=attempt,
                worker=replies.worker,
            )
            key, as_seen = f"send:{row.key}:{attempt}", {"attempt": doc["attempt"]}
            claim = Claim(projection="outbox", key=row.key, state=row.state, doc=as_seen)
            try:
                if not await self._append(row, begins, key=key, claim=claim):
                    return False
            except OvertakenError:  # it was sent meanwhile, or is being sent
                return False
        since = await restored(self._kernel.rows)
        doubtful = (begun and not ours) or since.before(int(doc.get("position", 0)))
        outbound = await self._outbound(row, repeat=doubtful)
        replies.doubted.add(row.key)
        try:
            receipt = await surface.send(outbound)
        except TransientError:
            if not doubtful:
                replies.doubted.discard(row.key)
            raise
        except UndeliverableError as error:
            await self._give_up(surface, row, error)
            return False
        sent = MessageSent(
            message=row.key,
            conversation=row.group or "",
            kind=doc["kind"],
            reply_to=doc["reply_to"],
            receipt=receipt,
            attempt=max(attempt, 1),
            repeat=doubtful,
        )
        replies.doubted.discard(row.key)
        await self._went_out(row.group or "", _of_message(row, sent, key=f"sent:{row.key}"))
        return True

    async def _went_out(self, conversation: str, event: NewEvent) -> None:
        """Write down what went out; where the store fails, at the next delivery."""
        self._unwritten.setdefault(conversation, []).append(event)
        await self._write_down(conversation)

    async def _write_down(self, conversation: str) -> None:
        while waiting := self._unwritten.get(conversation):
            await self._kernel.log.append(waiting[:1])
            del waiting[0]
        self._unwritten.pop(conversation, None)

    async def _give_up(self, surface: ChatSurface, row: Row, error: UndeliverableError) -> None:
        payload = MessageUndeliverable(
            message=row.key,
            conversation=row.group or "",
            channel=surface.channel,
            error=str(error),
        )
        await self._append(row, payload, key=f"undeliverable:{row.key}")
        self._replies.doubted.discard(row.key)

    async def _outbound(self, row: Row, *, repeat: bool) -> Outbound:
        ref = row.doc["text"]["ref"]
        below = (row.doc.get("choices") or {}).get("ref", "")
        values = await self._kernel.log.values([ref, *([below] if below else [])])
        answers, late = await self._answered(row.doc["reply_to"])
        files, lost = await enclosed(self._kernel.blobs, row.doc)
        text = str(values.get(ref, ERASED))
        return Outbound(
            message=row.key,
            conversation=row.group or "",
            kind=row.doc["kind"],
            text="\n\n".join([*([text] if text else []), *lost]),
            reply_to=row.doc["reply_to"],
            goal=row.doc["goal"],
            repeat=repeat,
            outside=any(source["ref"] != OWN_WORDS.ref for source in row.doc["sources"]),
            answers=answers,
            late=late,
            files=files,
            choices=read_choices(values.get(below)),
            plain=bool(row.doc.get("plain")),
            commands=tuple(row.doc.get("commands") or ()),
        )

    async def _answered(self, message: str | None) -> tuple[str, datetime | None]:
        """Return the `dedupe` of the message that is answered, and when it was sent if long ago."""
        row = await self._kernel.rows.get("messages", message) if message else None
        if row is None:
            return "", None
        return (row.doc["key"] or "").split(":", 2)[-1], late_since(row)

    async def _show(self, surface: ChatSurface, row: Row, conversation: str) -> None:
        draft = await self._newest(row.key)
        view = await card_view(self._kernel, row.key)
        doubtful = bool(row.doc.get("doubtful")) or self._was_begun(row)
        view = view.model_copy(update={"conversation": conversation, "repeat": doubtful})
        try:
            receipt = await surface.show_card(view)
        except TransientError:
            raise
        except (OutcomeUnknownError, UndeliverableError) as error:
            final = isinstance(error, UndeliverableError)
            undeliverable = CardUndeliverable(
                card=row.key,
                conversation=conversation,
                channel=surface.channel,
                error=str(error),
                final=final,
            )
            await self._append_card(row, undeliverable)
            if final:
                return
            raise
        shown = _shown_as(surface, row, (conversation, receipt), view.state, draft=draft)
        await self._went_out(conversation, _of_card(row, shown))

    def _was_begun(self, row: Row) -> bool:
        """Whether an earlier process may have shown a card: no quiet hours held it back then."""
        opened = datetime.fromisoformat(row.doc["opened"])
        earlier = int(row.doc.get("position", 0)) <= self._since and not row.doc["shown"]
        return earlier and self._kernel.quiet_until(opened) is None

    async def _update(self, surface: ChatSurface, row: Row) -> None:
        view = await card_view(self._kernel, row.key)
        refs = [told["ref"] for told in row.doc.get("results", {}).values()]
        texts = await self._kernel.log.values(refs) if refs else {}
        results = tuple(str(texts[ref]) for ref in refs if ref in texts)
        told = {
            "results": results,
            "tries_again": min(row.doc.get("waits", {}).values(), default=""),
            "given_up": row.doc.get("given_up", ""),
        }
        view = view.model_copy(update=told)
        await self._redraw(surface, row, view, results=len(refs))

    async def _draw_draft(self, surface: ChatSurface, card: str) -> None:
        """Have every message of an open card show its newest edit: that is what accepting means."""
        row, draft = await self._kernel.rows.get("cards", card), await self._newest(card)
        if row is None:
            return
        view = await card_view(self._kernel, card)
        await self._redraw(surface, row, view, draft=draft)

    async def _redraw(
        self, surface: ChatSurface, row: Row, view: CardView, *, results: int = 0, draft: int = 0
    ) -> None:
        """Rewrite every message of a card, and write that down.

        One that was shown anew meanwhile, as when its group moves, is drawn there at the next turn;
        so is one whose next try is another by now.
        """
        receipt = row.doc["shown"].get(surface.channel, "")
        for there, copy in ((surface, receipt), *self._copies(row)):
            with suppress(UndeliverableError):  # nobody sees it there any more
                await there.update_card(view, copy)
        now = await self._kernel.rows.get("cards", row.key)
        if now is None or _looks(now, surface) == _looks(row, surface):
            at = (row.group or "", receipt)
            await self._append_card(row, _shown_as(surface, row, at, view.state, results, draft))

    async def _newest(self, card: str) -> int:
        """Return the number of the newest edit of a card, also of one that took it back."""
        place = await self._kernel.rows.get("card_places", card)
        return int(place.doc["draft"]) if place is not None else 0

    def _copies(self, row: Row) -> list[tuple[ChatSurface, str]]:
        """Return where else a card was shown again, as far as those surfaces are there."""
        copies = row.doc.get("copies", {}).items()
        return [
            (self._kernel.surfaces[channel], receipt)
            for channel, receipts in copies
            if channel in self._kernel.surfaces
            for receipt in receipts
        ]

    async def _append(
        self, row: Row, payload: Payload, key: str, claim: Claim | None = None
    ) -> bool:
        """Append an event of a message; return whether nobody else had."""
        event = _of_message(row, payload, key, claim)
        return not (await self._kernel.log.append([event])).duplicate

    async def _append_card(self, row: Row, payload: Payload) -> None:
        await self._kernel.log.append([_of_card(row, payload)])


def late_since(message: Row) -> datetime | None:
    """Return when a message was sent, where it came long after that."""
    sent, at = (datetime.fromisoformat(message.doc[name]) for name in ("sent_at", "at"))
    return sent if at - sent >= LATE else None


def _of_message(row: Row, payload: Payload, key: str, claim: Claim | None = None) -> NewEvent:
    stream = f"conversation:{row.group}"
    return NewEvent(stream=stream, payload=payload, goal=row.doc["goal"], key=key, claim=claim)


def _of_card(row: Row, payload: Payload) -> NewEvent:
    return NewEvent(stream=f"card:{row.key}", payload=payload, goal=row.doc["goal"])


def _looks(card: Row, surface: ChatSurface) -> tuple[object, ...]:
    """Return where a surface shows a card, and what it says there of the next try."""
    receipt = card.doc["shown"].get(surface.channel, "")
    return receipt, card.doc.get("waits"), card.doc.get("given_up")


def _shown_as(
    surface: ChatSurface,
    row: Row,
    at: tuple[str, str],
    state: str,
    results: int = 0,
    draft: int = 0,
) -> CardShown:
    """Return where a card was shown, and how: `at` is the conversation, and the receipt there."""
    return CardShown.model_validate(
        {
            "card": row.key,
            "conversation": at[0],
            "channel": surface.channel,
            "receipt": at[1],
            "state": state,
            "follows": surface.follows_results,
            "results": results,
            "draft": draft,
        }
    )
