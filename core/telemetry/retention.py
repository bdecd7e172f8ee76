"""Prompts and answers are kept for a while, for `/why`; then their text is erased."""

from datetime import timedelta

from core.domain.events import NewEvent
from core.domain.events.models import PromptsExpired
from core.kernel import Kernel
from core.ports.read_models import RowQuery

KEPT = timedelta(days=30)
BATCH = 500


async def expire_prompts(kernel: Kernel) -> int:
    """Erase the prompts and answers older than thirty days; return of how many calls."""
    erased = 0
    query = RowQuery("prompts", due_by=kernel.clock.now() - KEPT, order="due")
    while rows := await kernel.rows.find(query, limit=BATCH):
        await kernel.log.erase([ref for row in rows for ref in row.doc["refs"]])
        payload = PromptsExpired(calls=tuple(row.key for row in rows))
        await kernel.log.append([NewEvent(stream="prompts", payload=payload, actor="clock")])
        erased += len(rows)
    return erased
