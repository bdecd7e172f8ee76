"""The store that does not take what is written: noticed, told once, waited for, told to be over.

A full disk, a lock that another program holds, a server that is away: all of that passes. Nothing
here needs the store that fails.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.domain.errors import DamagedError, EquerryError
from core.domain.pauses import nth_pause
from core.ports.clock import Clock
from core.telemetry.health import STORAGE, Health

PAUSES_S = (1.0, 2.0, 5.0, 10.0)
"""Pauses between looks; the last one again and again: soon enough for people who wait."""
CALM_S = 2.0
"""How long nothing must fail, after all that waited was asked to try again, to call it over."""

logger = logging.getLogger(__name__)
Probe = Callable[[], Awaitable[None]]
"""Writes something and takes it back; raises what the store raises."""


class StoreTrouble:
    """Knows whether the store fails; `sentence` says how, and is empty while it does not."""

    def __init__(self, probe: Probe, health: Health, clock: Clock) -> None:
        """Look by `probe`; write down in `health` what was, as soon as that can be written."""
        self._probe, self._health, self._clock = probe, health, clock
        self._failures = 0
        self._last: Exception = EquerryError("The store fails.")
        self._news = asyncio.Event()
        self._told: list[Callable[[str], None]] = []
        self._waiting: list[Callable[[], Awaitable[None]]] = []
        self.sentence = ""

    @property
    def is_damaged(self) -> bool:
        """Whether it fails by a damaged file, so that nothing goes on by itself."""
        return bool(self.sentence) and isinstance(self._last, DamagedError)

    def failed(self, error: Exception) -> None:
        """Take note that the store failed somebody. It may be asked again at once and be well."""
        self._failures += 1
        self._last = error
        self._news.set()

    def tell(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener` with a sentence when the store fails for good, with "" when that is over.

        At once where it fails already. Returns the function that ends it.
        """
        self._told.append(listener)
        if self.sentence:
            listener(self.sentence)
        return lambda: self._told.remove(listener)

    def retry(self, work: Callable[[], Awaitable[None]]) -> Callable[[], None]:
        """Do `work` when the store may be well again: what waits need not wait for its pause.

        Returns the function that ends it.
        """
        self._waiting.append(work)
        return lambda: self._waiting.remove(work)

    async def run(self) -> None:
        """Watch, without end."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._see_through()

    async def _see_through(self) -> None:
        """Look until the store takes what is written and nobody fails at it any more."""
        looks = 0
        while True:
            await self._clock.sleep(nth_pause(PAUSES_S, looks))
            looks += 1
            if await self._is_well():
                break
            if not self.sentence:
                self._begin()
        self._news.clear()
        if self.sentence:
            self._end()
            await self._health.write()

    async def _is_well(self) -> bool:
        try:
            await self._probe()
        except Exception as error:  # noqa: BLE001 - whatever it is, the store is not well
            self._last = error
            return False
        before = self._failures
        for work in tuple(self._waiting):
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - it waits on, by its own pauses
                logger.warning("not tried again yet: %s", error)
        await self._clock.sleep(CALM_S)
        return self._failures == before

    def _begin(self) -> None:
        self.sentence = _said(self._last)
        logger.error("the store fails: %s", self.sentence)
        self._health.note(STORAGE, "failing", self.sentence)
        self._health.held = True
        self._tell(self.sentence)

    def _end(self) -> None:
        self.sentence = ""
        logger.warning("the store is well again")
        self._health.note(STORAGE, "well")
        self._health.held = False
        self._tell("")

    def _tell(self, sentence: str) -> None:
        for listener in tuple(self._told):
            listener(sentence)


def _said(error: Exception) -> str:
    """Return the sentence of an error; of one that is not ours only its kind and its number."""
    if isinstance(error, EquerryError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"The disk or the network failed: {error.strerror}."
    return f"The store failed ({type(error).__name__}): see the log file."
