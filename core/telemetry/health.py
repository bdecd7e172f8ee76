"""How the parts of Equerry are: a change is an event, so that it is seen later and elsewhere.

To say how a part is never fails, whatever state the log is in: what cannot be written is kept in
memory, is part of what `/status` says, and is written when the log takes it.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from core.domain.events import NewEvent
from core.domain.events.health import HealthChanged, HealthState
from core.gates.error_budget import burnt_key
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, RowQuery

STREAM = "health"
MODEL = "model"
REDIS = "redis"
TELEGRAM = "telegram"
ANCHOR = "anchor"
STORAGE = "storage"
ENGINE = "engine"
LEFT_OUT = "left_out"
MEMORY = "memory"
WORK = "work"
"""Work beside the engine, each by its name behind a colon."""

logger = logging.getLogger(__name__)


class Health:
    """Says how a part is; says nothing where that is known already."""

    def __init__(self, log: EventLog, rows: ReadModels) -> None:
        """Append to `log` what `rows` does not show yet."""
        self._log, self._rows = log, rows
        self._unwritten: dict[str, list[HealthChanged]] = {}
        self._writing = asyncio.Lock()
        self.held = False
        """Whether the log is known to take nothing: whoever says something need not wait for it."""

    async def say(self, part: str, state: HealthState, reason: str = "") -> None:
        """Append `health.changed` where the part was in another state; a new part is well."""
        self.note(part, state, reason)
        if not self.held:
            await self.write()

    def note(self, part: str, state: HealthState, reason: str = "") -> None:
        """Keep in memory how a part is, to be written by the next `write`.

        Only how it came to be as it is now is kept: what was over before that has no reader.
        """
        changes = self._unwritten.setdefault(part, [])
        if changes and changes[-1].state == state:
            del changes[-1]
        changes.append(HealthChanged(part=part, state=state, reason=reason))
        del changes[:-2]

    async def write(self) -> bool:
        """Append what is only in memory; return whether nothing is left."""
        async with self._writing:
            for part, said in tuple(self._unwritten.items()):
                changes = tuple(said)
                try:
                    await self._append(part, changes)
                except Exception as error:  # noqa: BLE001 - whatever broke, it stays in memory
                    logger.warning("the health of %s is not written yet: %s", part, error)
                    return False
                if tuple(said) == changes:  # nothing was said meanwhile
                    del self._unwritten[part]
        return not self._unwritten

    async def _append(self, part: str, changes: Sequence[HealthChanged]) -> None:
        row = await self._rows.get("health", part)
        known = row.state if row is not None else "well"
        events: list[NewEvent] = []
        for change in changes:
            if change.state != known:
                events.append(NewEvent(stream=STREAM, payload=change))
                known = change.state
        if events:
            await self._log.append(events)

    async def failing(self) -> Sequence[dict[str, Any]]:
        """Return the parts that fail, each with its reason, by what is written and what is not."""
        rows = await self._rows.find(RowQuery("health", states=frozenset({"failing"})), limit=None)
        known = {row.key: {"part": row.key, **row.doc} for row in rows}
        for part, changes in self._unwritten.items():
            known.pop(part, None)
            if changes[-1].state == "failing":
                known[part] = {"part": part, "reason": changes[-1].reason}
        return list(known.values())


async def weigh(log: EventLog, rows: ReadModels, key: str) -> None:
    """Say whether an error budget (`action:NAME`, `agent:NAME`) burnt or recovered just now.

    Never fails: the gate looks at the budget itself, and `reweigh` makes up for what was missed.
    """
    try:
        reason = await burnt_key(rows, key)
    except Exception as error:  # noqa: BLE001 - the work that is told about is done, and stays so
        logger.warning("the error budget of %s was not weighed: %s", key, error)
        return
    await Health(log, rows).say(key, "failing" if reason else "well", reason or "")


async def reweigh(log: EventLog, rows: ReadModels) -> None:
    """Weigh every error budget, after a time in which that could not be written."""
    for row in await rows.find(RowQuery("reliability"), limit=None):
        if row.key.startswith(("action:", "agent:")):
            await weigh(log, rows, row.key)
