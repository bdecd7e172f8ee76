"""What goes on beside the engine: texts expire, a model is warmed, connections are closed."""

import logging
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from core.domain.errors import EquerryError
from core.kernel import Kernel
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
