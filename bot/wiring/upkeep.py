"""Beside the engine: texts expire, talk is summarised, models warm up, connections close."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

from core.domain.errors import STORE_ERRORS, EquerryError
from core.domain.events import Event
from core.domain.pauses import nth_pause
from core.kernel import Kernel
from core.log.trusted_clock import TrustedClock
from core.memory.learning.learner import WATCHED as LEARNED_FROM
from core.memory.learning.learner import Learner
from core.memory.summaries.compactor import WATCHED, Compactor
from core.ports.clock import Clock
from core.ports.engine import Engine
from core.telemetry.clock_doubt import LOOK_S
from core.telemetry.health import ENGINE, WORK, Health
from core.telemetry.retention import expire_files, expire_prompts

DAY_S = 24 * 3600.0
AGAIN_S = (1.0, 5.0, 15.0)
"""Pauses before work that broke off begins again; the last one again and again."""
SAID_AFTER = 3
"""Failures in a row from which on the owner is to know: a store that is away is told of sooner."""
STEADY_S = 60.0
"""Work that went on for so long failed by something new."""

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
    """Close the parts that hold connections; one that fails at it keeps no other from it."""
    for part in parts:
        if isinstance(part, Closes):
            try:
                await part.close()
            except Exception:
                logger.exception("%s was not closed", type(part).__name__)


async def keep_going(
    name: str, work: Callable[[], Awaitable[None]], clock: Clock, health: Health | None = None
) -> None:
    """Do work that has no end; where it breaks, log that and begin it again after a pause.

    Work that breaks off again and again is part of `health`, until it goes on for a while.
    """
    failures, loop = 0, asyncio.get_running_loop()
    while True:
        begun, reason = loop.time(), ""
        steady = asyncio.create_task(_say_steady(name, clock, health))
        try:
            await work()
        except EquerryError as error:
            logger.warning("%s broke off and begins again: %s", name, error)
            reason = str(error)
        except Exception as error:
            logger.exception("%s broke off and begins again", name)
            reason = f"{type(error).__name__}: the log file says where."
        finally:
            steady.cancel()
        failures = 0 if loop.time() - begun > STEADY_S else failures
        await clock.sleep(nth_pause(AGAIN_S, failures))
        failures += 1
        if reason and failures >= SAID_AFTER and health is not None and not health.held:
            said = f"Background work ({name}) breaks off again and again: {reason}"
            await health.say(f"{WORK}:{name}", "failing", said)


async def _say_steady(name: str, clock: Clock, health: Health | None) -> None:
    await clock.sleep(STEADY_S)
    if health is not None:
        await health.say(f"{WORK}:{name}", "well")


async def keep_up(kernel: Kernel) -> None:
    """Let go of prompts and files that were kept long enough, now and once a day.

    What is erased does not come back, so that it waits for a machine that just started to be told
    the time.
    """
    if isinstance(kernel.clock, TrustedClock):
        await kernel.clock.sleep(kernel.clock.settles_s)
    while True:
        await expire_prompts(kernel)
        await expire_files(kernel)
        await kernel.clock.sleep(DAY_S)


async def watch_engine(kernel: Kernel, engine: Engine, health: Health) -> None:
    """Write down that conversations fail, for `status` in other processes; look without end.

    One that still fails at the second look is told of: most failures pass sooner.
    """
    failed = False
    while True:
        problem = (await engine.health()).problem
        if problem and failed:
            await health.say(ENGINE, "failing", kernel.redactor.text(problem))
        elif not problem:
            await health.say(ENGINE, "well")
        failed = problem is not None
        await kernel.clock.sleep(LOOK_S)


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
    """Hand events on, without end; with the first one comes what was missed before the start.

    Where the store fails, that is made up for when it is well again; anything else that breaks
    costs the one event.
    """
    events = asyncio.Queue[Event]()

    def noticed(batch: Sequence[Event]) -> None:
        for event in batch:
            if event.type in types:
                events.put_nowait(event)

    unlisten = kernel.log.listen(noticed)
    try:
        behind = True
        while True:
            event = await events.get()
            while not await _done(work, event, behind=behind):
                behind = True
                await kernel.clock.sleep(AGAIN_S[-1])
            behind = False
    finally:
        unlisten()


async def _done(work: _Follows, event: Event, *, behind: bool) -> bool:
    """Do what an event makes due; return whether the store let it."""
    try:
        if behind:
            await work.catch_up()
        await work.noticed(event)
    except STORE_ERRORS as error:
        logger.warning("%s waits for the store: %s", type(work).__name__, error)
        return False
    except Exception:
        logger.exception("%s leaves out an event", type(work).__name__)
    return True
