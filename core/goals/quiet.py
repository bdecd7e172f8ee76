"""Quiet hours hold cards back, unless the owner is there and waits."""

from datetime import datetime, timedelta

from core.kernel import Kernel
from core.ports.read_models import RowQuery

THERE = timedelta(minutes=10)
LOOK = 20
"""Turns of a first look: more in ten minutes are rare."""


async def quiet_until(kernel: Kernel, conversation: str) -> datetime | None:
    """Return when cards may be shown again; None when they may now.

    Within ten minutes of a message of the owner in the conversation nothing is held back.
    """
    now = kernel.clock.now()
    until = kernel.quiet_until(now)
    if until is None:
        return None
    query, look = RowQuery("window", group=conversation, newest_first=True), LOOK
    while True:
        rows = await kernel.rows.find(query, limit=look)
        for row in rows:
            if now - datetime.fromisoformat(row.doc["at"]) >= THERE:
                return until
            if row.doc["who"] == "owner":
                return None
        if len(rows) < look:
            return until
        look *= 10
