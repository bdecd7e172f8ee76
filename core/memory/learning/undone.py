"""What the owner took back: it is not learned again from the words that told it."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.events.memory import FactForgotten
from core.kernel import Kernel
from core.memory.learning.about import about_of
from core.memory.learning.remember import Said
from core.memory.learning.values import same_value
from core.ports.event_log import EventQuery
from core.ports.read_models import Row, RowQuery


async def not_undone(kernel: Kernel, goal: str, found: Sequence[Said]) -> list[Said]:
    """Return what may be learned from a goal. Raises StorageError.

    Nothing of a goal whose own fact was undone, for a model may have put that in other words; of
    other goals nothing that says the same as a fact undone since.
    """
    if not found:
        return []
    query = RowQuery("facts", states=frozenset({"forgotten"}), order="written", newest_first=True)
    rows = [row for row in await kernel.rows.find(query, limit=None) if not row.doc["erased"]]
    if any(goal in {row.doc["by"], row.doc["goal"]} for row in rows):
        return []
    values = await kernel.log.values([row.doc["text"]["ref"] for row in rows])
    texts = [(row, str(values.get(row.doc["text"]["ref"], ""))) for row in rows]
    kept = []
    for one in found:
        same = [row for row, text in texts if _same(text, one.text)]
        if not any([await _after(kernel, row, one.at) for row in same]):
            kept.append(one)
    return kept


def _same(old: str, new: str) -> bool:
    return about_of(old) == about_of(new) and same_value(old, new)


async def _after(kernel: Kernel, row: Row, said: datetime) -> bool:
    """Whether a fact was undone after something was said."""
    query = EventQuery(stream=f"fact:{row.key}", type=FactForgotten.wire)
    return any(event.at > said for event in await kernel.log.read(query))
