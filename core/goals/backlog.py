"""A backlog: many messages that the owner sent while Equerry was away are one question to him.

They are durable like any other, and held until he says what becomes of them: answered all, only the
newest, or summed up. Commands, taps and answers to cards are no part of it: they were done as they
came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from core.domain.canonical import sha256
from core.domain.choices import Choice
from core.domain.erasable import ERASED, Erasable
from core.domain.errors import UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.messages import BacklogDecided, BacklogHeld, MessageReceived
from core.domain.ids import short_id
from core.domain.money import ZERO, dollars
from core.goals.delivery import late_since
from core.goals.finishing import Replies
from core.goals.intake import message_name
from core.goals.starting import turns_of
from core.kernel import Kernel
from core.ports.read_models import Row, RowQuery
from core.projections.access import access_row

MOST = 20
"""Late messages that are answered without a question."""
GATHERS = timedelta(seconds=5)
"""How long after a late message that settles more of them may come: a chat app hands over what
waited there in one go, a slow disk takes a few of them a second."""
USUAL = 50
"""Goals that ended last, from which the cost of one more is estimated."""
PART = 8_000
"""Characters of late messages that one request for a summary holds: about 2,000 tokens."""

NONE_HELD = "No messages from a time of absence wait: they were answered or put aside."
STREAM = "backlog"
HELD, NEW = frozenset({"held"}), frozenset({"new"})
What = Literal["all", "newest", "summary"]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is not begun now: `left` are messages that wait until it is clear how many there are.

    `until` is when that is, `asked` the conversation in which the owner was asked just now.
    """

    left: frozenset[str] = frozenset()
    until: datetime | None = None
    asked: str | None = None


async def hold_backlog(kernel: Kernel, replies: Replies, conversation: str) -> Backlog:
    """Hold late messages, wherever the owner wrote them, where they are many; ask him once."""
    rows = await kernel.rows.find(RowQuery("messages", group=conversation, states=NEW), limit=None)
    here = frozenset(row.key for row in rows if is_late(row))
    if not here:
        return Backlog()
    everywhere = await kernel.rows.find(RowQuery("messages", states=NEW), limit=None)
    late = _in_order([row for row in everywhere if is_late(row)])
    settles = max((row.due + GATHERS for row in late if row.due), default=None)
    if settles is not None and settles > kernel.clock.now():
        return Backlog(left=here, until=settles)
    asked = await kernel.rows.count(RowQuery("messages", states=HELD)) > 0
    if len(late) <= MOST and not asked:
        return Backlog()
    names = tuple(row.key for row in late)
    where = await _place(kernel, late) or conversation
    key = f"backlog:{sha256(' '.join(names))[:16]}"
    events = [NewEvent(stream=STREAM, payload=BacklogHeld(messages=names), key=key)]
    if not asked:
        events += await _question(kernel, replies, late, where)
    await kernel.log.append(events)
    return Backlog(left=here, asked=None if asked else where)


def is_late(row: Row) -> bool:
    """Return whether a message was sent long before it came, and is not to be answered already."""
    return late_since(row) is not None and not row.doc.get("released")


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """Return messages in the order in which they were sent."""
    return sorted(rows, key=lambda row: (row.doc["sent_at"], int(row.doc["position"])))


async def _place(kernel: Kernel, late: Sequence[Row]) -> str | None:
    """Return where the owner is asked: where he wrote last, in no group if he wrote elsewhere."""
    for row in reversed(late):
        channel, _, rest = (row.group or "").partition(":")
        group = access_row(channel, "group", rest.partition(":")[0])
        if await kernel.rows.get("access", group) is None:
            return row.group
    return late[-1].group


async def _question(
    kernel: Kernel, replies: Replies, late: Sequence[Row], where: str
) -> list[NewEvent]:
    first, last = (
        datetime.fromisoformat(row.doc["sent_at"]).astimezone(kernel.zone)
        for row in (late[0], late[-1])
    )
    text = (
        f"You wrote {len(late)} messages while I was away, from {first:%a %H:%M} to "
        f"{last:%a %H:%M}. None is answered yet. What shall I do?\n"
        f"- answer all of them{await _cost(kernel, len(late))}: /backlog all\n"
        "- answer only the newest: /backlog newest\n"
        "- sum them up and do nothing yet: /backlog summary\n"
        "All of them are kept. What you write from now on is answered as always."
    )
    choices = [
        Choice(label="Answer all", line="/backlog all"),
        Choice(label="Only the newest", line="/backlog newest"),
        Choice(label="A summary", line="/backlog summary"),
    ]
    return replies.message(where, text, short_id("B", late[0].key), choices=choices)


async def _cost(kernel: Kernel, count: int) -> str:
    """Return what it costs to answer so many messages, as the newest goals did."""
    query = RowQuery("goals", states=frozenset({"finished"}), order="written", newest_first=True)
    ended = await kernel.rows.find(query, limit=USUAL)
    if not ended:
        return " (what one costs is not known yet)"
    usual = sum((Decimal(row.doc["usd"]) for row in ended), ZERO) / len(ended)
    return f" (about {dollars(usual * count)})"


async def decide_backlog(
    kernel: Kernel, what: What, conversation: str, by: str
) -> tuple[str, tuple[str, ...]]:
    """Do with the held messages what the owner says; return a sentence and whom to wake.

    Raises UnknownThingError where none is held.
    """
    rows = _in_order(await kernel.rows.find(RowQuery("messages", states=HELD), limit=None))
    if not rows:
        raise UnknownThingError(NONE_HELD)
    names = tuple(row.key for row in rows)
    newest = await _newest_turn(kernel, rows) if what == "newest" else ()
    answered = {"all": names, "newest": newest, "summary": ()}[what]
    aside = tuple(name for name in names if name not in answered)
    decided = BacklogDecided(choice=what, answered=answered, aside=aside, by=by)
    key = f"backlog:{sha256(' '.join(names))[:16]}:decided"
    events = [NewEvent(stream=STREAM, payload=decided, actor=by, key=key)]
    if what == "summary":
        events += await _to_sum_up(kernel, rows, conversation, key)
    if (await kernel.log.append(events)).duplicate:  # another answer came at the same time
        raise UnknownThingError(NONE_HELD)
    said = {
        "all": f"I answer all {len(names)} now, in their order.",
        "newest": f"I answer the newest now. The other {len(aside)} are kept, unanswered.",
        "summary": f"I sum up all {len(names)} now. Nothing is done with them yet.",
    }[what]
    woken = (row.group or "" for row in rows if row.key in answered)
    return said, tuple(dict.fromkeys([*woken, conversation]))


async def _newest_turn(kernel: Kernel, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the newest message with what was sent together with it: an album, words in pieces."""
    newest = rows[-1]
    there = [row for row in rows if row.group == newest.group]
    there.sort(key=lambda row: int(row.doc["position"]))
    turns = await turns_of(kernel, there)
    return next(tuple(row.key for row in turn) for turn in turns if newest in turn)


async def _to_sum_up(
    kernel: Kernel, rows: Sequence[Row], conversation: str, key: str
) -> list[NewEvent]:
    """Return the owner's request for a summary, with the messages in it whole."""
    refs = {row.key: row.doc["text"]["ref"] for row in rows}
    values = await kernel.log.values(list(refs.values()))
    lines = []
    for row in rows:
        sent = datetime.fromisoformat(row.doc["sent_at"]).astimezone(kernel.zone)
        files = f" [{', '.join(row.doc['files'])}]" if row.doc["files"] else ""
        lines.append(f"{sent:%a %H:%M}{files} {values.get(refs[row.key], ERASED)}")
    now, events = kernel.clock.now(), []
    parts = _parts(lines)
    for number, part in enumerate(parts, 1):
        of = f" (part {number} of {len(parts)})" if len(parts) > 1 else ""
        received = MessageReceived(
            message=message_name(f"{key}:{number}"),
            channel=conversation.partition(":")[0],
            conversation=conversation,
            sender="owner",
            owner=True,
            text=Erasable.of(
                "Sum up in a few lines what I wrote while you were away, and do nothing of it "
                f"yet{of}:\n\n{part}"
            ),
            sent_at=now,
        )
        events.append(
            NewEvent(
                stream=f"conversation:{conversation}",
                payload=received,
                actor="owner",
                key=f"{key}:{number}",
            )
        )
    return events


def _parts(lines: Sequence[str]) -> list[str]:
    """Return lines in parts of about equal length; none is cut."""
    parts: list[list[str]] = [[]]
    length = 0
    for line in lines:
        if parts[-1] and length + len(line) > PART:
            parts.append([])
            length = 0
        parts[-1].append(line)
        length += len(line)
    return ["\n".join(part) for part in parts]
