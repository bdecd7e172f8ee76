"""Reading a log from one end to the other, however long it is."""

from dataclasses import replace

from core.domain.events import Event
from core.ports.event_log import EventLog, EventQuery

BATCH = 1000
"""Events of one look: enough that the way to the database counts little, little enough to hold."""


async def every_event(log: EventLog, query: EventQuery) -> list[Event]:
    """Return every matching event with its texts, however many there are."""
    found: list[Event] = []
    while True:
        batch = await log.read(query, limit=BATCH)
        found.extend(batch)
        if len(batch) < BATCH:
            return list(await log.inflated(found))
        query = replace(query, after=batch[-1].position)
