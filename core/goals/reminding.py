"""Reminders that are due become messages, once each, also those that were due while down."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from core.domain.events import NewEvent, decode
from core.domain.events.personal import ReminderFired, ReminderSet
from core.goals.finishing import Replies
from core.kernel import Kernel
from core.ports.event_log import EventQuery
from core.ports.read_models import Row, RowQuery

LATE = timedelta(minutes=2)
_UNTIL_UTC = re.compile(r"UNTIL=(\d{8}T\d{6})Z", re.IGNORECASE)


async def fire_reminders(kernel: Kernel, replies: Replies, conversation: str) -> None:
    """Queue a message for every reminder of the conversation that is due."""
    query = RowQuery(
        "reminders",
        group=conversation,
        states=frozenset({"set"}),
        due_by=kernel.clock.now(),
        order="due",
    )
    for row in await kernel.rows.find(query, limit=None):
        if row.due is not None:
            await _fire(kernel, replies, row, row.due)


async def _fire(kernel: Kernel, replies: Replies, row: Row, due: datetime) -> None:
    now = kernel.clock.now()
    events = await kernel.events(EventQuery(stream=f"reminder:{row.key}", type=ReminderSet.wire))
    payload = decode(events[0])
    if not isinstance(payload, ReminderSet):
        return
    text = payload.text.text
    if now - due > LATE:
        at = due.astimezone(kernel.zone).strftime("%a %d %b %H:%M")
        text = f"{text} (was due {at}, {ago(now - due)} ago)"
    if payload.sources:
        told = ", ".join(source.told for source in payload.sources)
        text = f"{text}\n(These words are not yours alone: they come from {told}.)"
    fired = ReminderFired(
        reminder=row.key,
        conversation=payload.conversation,
        at=due,
        next_at=following(payload.repeat, payload.at, now, payload.timezone, kernel.zone),
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
    """Return the first time of an RRULE after `now`, in the zone the reminder was set in."""
    if repeat is None:
        return None
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - only repeating reminders need it

    zone = ZoneInfo(zone_name) if zone_name else default
    start = first.astimezone(zone).replace(tzinfo=None)
    rule = rrulestr(_in_zone(repeat, zone), dtstart=start)
    after = rule.after(now.astimezone(zone).replace(tzinfo=None))
    return None if after is None else after.replace(tzinfo=zone)


def _in_zone(repeat: str, zone: tzinfo) -> str:
    """Return the rule with an end in UTC, as calendars write it, told in the zone's own time."""

    def local(match: re.Match[str]) -> str:
        until = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return until.astimezone(zone).strftime("UNTIL=%Y%m%dT%H%M%S")

    return _UNTIL_UTC.sub(local, repeat)


def ago(span: timedelta) -> str:
    """Say a span as people do: `3 h`, `2 days`."""
    minutes = int(span.total_seconds() // 60)
    for size, word in ((1440, "days"), (60, "h")):
        if minutes >= 2 * size or (word == "h" and minutes >= size):
            return f"{minutes // size} {word}"
    return f"{minutes} min"
