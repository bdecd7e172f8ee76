"""Quiet hours hold cards back, unless the owner is there and waits."""

from datetime import datetime, timedelta

from core.kernel import Kernel
from core.ports.read_models import RowQuery

THERE = timedelta(minutes=10)


async def quiet_until(kernel: Kernel, conversation: str) -> datetime | None:
    """Return when cards may be shown again; None when they may now.

    Within ten minutes of a message of the owner in the conversation nothing is held back.
    """
    now = kernel.clock.now()
    until = kernel.quiet_until(now)
    if until is None:
        return None
    query = RowQuery("window", group=conversation, newest_first=True)
    for row in await kernel.rows.find(query, limit=20):
        if row.doc["who"] == "owner":
            at = datetime.fromisoformat(row.doc["at"])
            return None if now - at < THERE else until
    return until
