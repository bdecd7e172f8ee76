"""Follow a log: first what is stored, then what comes, with no gap and nothing twice."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.domain.errors import BadInputError
from core.domain.events import Event, stamp
from core.ports.event_log import EventLog, EventQuery, Listener

_LOG = logging.getLogger(__name__)
_BATCH = 500


def since_stamp(since: str) -> str:
    """Return `since` in the form events are stamped with; without a zone it means UTC.

    Raises BadInputError for text that is no ISO 8601 time.
    """
    try:
        at = datetime.fromisoformat(since)
    except ValueError as error:
        message = f"{since!r} is no time; write it like 2026-05-01T09:00:00+00:00."
        raise BadInputError(message) from error
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


def matches(query: EventQuery, event: Event) -> bool:
    """Whether `event` is asked for, apart from where the query starts (`after`)."""
    return (
        query.stream in (None, event.stream)
        and query.goal in (None, event.goal)
        and query.type in (None, event.type)
        and (not query.keys or event.key in query.keys)
        and (not query.streams or event.stream in query.streams)
        and (not query.places or (event.stream, event.version) in query.places)
        and (query.since is None or stamp(event.at) >= since_stamp(query.since))
    )


async def follow(log: EventLog, query: EventQuery) -> AsyncIterator[Event]:
    """Yield the matching events without end.

    Events are only ever read from the log, from the last one yielded on; listening merely says when
    to read again, so nothing is missed however the two interleave.
    """
    news = asyncio.Event()

    def hear(events: Sequence[Event]) -> None:
        if any(matches(query, event) for event in events):
            news.set()

    stop = log.listen(hear)
    after = query.after
    try:
        while True:
            news.clear()
            found = await log.read(replace(query, after=after), limit=_BATCH)
            for event in found:
                after = event.position
                yield event
            if len(found) < _BATCH:
                await news.wait()
    finally:
        stop()


class Listeners:
    """Who wants to hear of events; a listener that raises is logged and harms nobody."""

    def __init__(self) -> None:
        self._listeners: dict[object, Listener] = {}

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def add(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; return the function that ends it."""
        token = object()
        self._listeners[token] = listener
        return lambda: self._listeners.pop(token, None) and None

    def tell(self, events: Sequence[Event]) -> None:
        """Tell everyone, in the order in which they began to listen."""
        for listener in list(self._listeners.values()):
            try:
                listener(events)
            except Exception:  # noqa: BLE001 - whatever it raises is its own affair
                _LOG.exception("A listener of the event log failed.")
