"""Beside the engine: texts expire, talk is summarised, models warm up, connections close."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from core.domain.errors import EquerryError
from core.domain.events import Event
from core.kernel import Kernel
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
    compactor, events = Compactor(kernel), asyncio.Queue[Event]()

    def noticed(batch: Sequence[Event]) -> None:
        for event in batch:
            if event.type in WATCHED:
                events.put_nowait(event)

    unlisten = kernel.log.listen(noticed)
    try:
        first = await events.get()
        await compactor.catch_up()
        await compactor.noticed(first)
        while True:
            await compactor.noticed(await events.get())
    finally:
        unlisten()
