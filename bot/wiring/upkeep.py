"""Beside the engine: texts expire, talk is summarised, models warm up, connections close."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from core.domain.errors import EquerryError
from core.domain.events import Event
from core.kernel import Kernel
from core.memory.learning.learner import WATCHED as LEARNED_FROM
from core.memory.learning.learner import Learner
from core.memory.summaries.compactor import WATCHED, Compactor
from core.telemetry.retention import expire_prompts

DAY_S = 24 * 3600.0

logger = logging.getLogger(__name__)


@runtime_checkable
class Closes(Protocol):
    """A part that holds connections."""

    async def close(self) -> None:
        """Let them go."""
        ...


@runtime_checkable
class Warms(Protocol):
    """A part whose first use is slow."""

    def warm(self) -> None:
        """Begin what makes it slow, in the background."""
        ...


def warm(part: object) -> None:
    """Begin to warm a part that can be, without waiting for it."""
    if isinstance(part, Warms):
        part.warm()


async def close_all(parts: Iterable[object]) -> None:
    """Close the parts that hold connections."""
    for part in parts:
        if isinstance(part, Closes):
            await part.close()


async def keep_up(kernel: Kernel) -> None:
    """Erase the prompts and answers that were kept long enough, now and once a day."""
    while True:
        try:
            await expire_prompts(kernel)
        except EquerryError as error:
            logger.warning("prompts were not expired: %s", error)
        await kernel.clock.sleep(DAY_S)


async def compact(kernel: Kernel) -> None:
    """Bring summaries up to date after what was said and done, one event at a time."""
    await _follow(kernel, Compactor(kernel), WATCHED)


async def learn(kernel: Kernel) -> None:
    """Learn facts from goals that end, one at a time."""
    await _follow(kernel, Learner(kernel), LEARNED_FROM)


class _Follows(Protocol):
    """Work that follows what is appended."""

    async def catch_up(self) -> None:
        """Make up for what was missed."""
        ...

    async def noticed(self, event: Event) -> None:
        """Do what an event makes due."""
        ...


async def _follow(kernel: Kernel, work: _Follows, types: frozenset[str]) -> None:
    """Hand events on, without end; with the first one comes what was missed before the start."""
    events = asyncio.Queue[Event]()

    def noticed(batch: Sequence[Event]) -> None:
        for event in batch:
            if event.type in types:
                events.put_nowait(event)

    unlisten = kernel.log.listen(noticed)
    try:
        first = await events.get()
        await work.catch_up()
        await work.noticed(first)
        while True:
            await work.noticed(await events.get())
    finally:
        unlisten()
