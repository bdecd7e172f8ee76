"""Reminders that are due become messages, once each, also those that were due while down."""

import asyncio
from datetime import datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.domain.events import NewEvent, decode
from core.domain.events.personal import ReminderFired, ReminderSet
from core.domain.recurrence import RuleError, next_time, parse_rule, quoted_rule
from core.goals.finishing import Replies
from core.goals.setting_aside import Attempts, Subject
from core.kernel import Kernel
from core.ports.event_log import EventQuery
from core.ports.read_models import Row, RowQuery
from core.telemetry.holds import timers_held
from core.telemetry.restored import restored

LATE = timedelta(minutes=2)


async def fire_reminders(
    kernel: Kernel, replies: Replies, conversation: str, attempts: Attempts
) -> None:
    """Queue a message for every reminder of the conversation that is due and not held."""
    if await timers_held(kernel.rows):
        return
    query = RowQuery(
        "reminders",
        group=conversation,
        states=frozenset({"set"}),
        due_by=kernel.clock.now(),
        order="due",
    )
    for row in await kernel.rows.find(query, limit=None):
        if row.due is not None:
            fire = partial(_fire, kernel, replies, row, row.due)
            await attempts.attempt(Subject("reminder", row), fire)


async def _fire(kernel: Kernel, replies: Replies, row: Row, due: datetime) -> None:
    now = kernel.clock.now()
    events = await kernel.events(EventQuery(stream=f"reminder:{row.key}", type=ReminderSet.wire))
    payload = decode(events[0])
    if not isinstance(payload, ReminderSet):
        return
    text = payload.text.text
    if now - due > LATE:
        at = due.astimezone(kernel.zone).strftime("%a %d %b %H:%M")
        known = (await restored(kernel.rows)).before(events[0].position)
        again = "; the log went backwards since it was set, so it may have come before"
        text = f"{text} (was due {at}, {ago(now - due)} ago{again if known else ''})"
    if payload.sources:
        told = ", ".join(source.told for source in payload.sources)
        text = f"{text}\n(These words are not yours alone: they come from {told}.)"
    next_at = None
    try:
        # A rule is bounded work, but not nothing: other conversations go on meanwhile.
        next_at = await asyncio.to_thread(
            following, payload.repeat, payload.at, now, payload.timezone, kernel.zone
        )
    except RuleError as error:
        rule = quoted_rule(payload.repeat or "")
        text = f"{text}\n(It will not come again: its rule {rule} {error})"
    fired = ReminderFired(
        reminder=row.key, conversation=payload.conversation, at=due, next_at=next_at
    )
    key = f"fire:{row.key}:{due.isoformat()}"
    event = NewEvent(stream=f"reminder:{row.key}", payload=fired, actor="clock", key=key)
    message = f"N{row.key}-{int(due.timestamp())}"
    queued = replies.message(
        payload.conversation,
        f"Reminder: {text}",
        message,
        kind="reminder",
        sources=payload.sources,
    )
    await kernel.log.append([event, *queued])


def following(
    repeat: str | None, first: datetime, now: datetime, zone_name: str, default: tzinfo
) -> datetime | None:
    """Return the first time of an RRULE after `now`, in the zone the reminder was set in.

    A zone that this machine does not know is the owner's. Raises RuleError.
    """
    if repeat is None:
        return None
    return next_time(parse_rule(repeat), first, now, _zone(zone_name, default))


def _zone(name: str, default: tzinfo) -> tzinfo:
    if not name:
        return default
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return default


def ago(span: timedelta) -> str:
    """Say a span as people do: `3 h`, `2 days`."""
    minutes = int(span.total_seconds() // 60)
    for size, word in ((1440, "days"), (60, "h")):
        if minutes >= 2 * size or (word == "h" and minutes >= size):
            return f"{minutes // size} {word}"
    return f"{minutes} min"
