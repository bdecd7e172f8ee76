"""Answers of models kept in this process for a while: the embedded default."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.domain.flat import flat
from core.ports.clock import Clock

MOST = 1000


class MemoryAnswerCache:
    """An AnswerCache of at most a thousand texts; the least lately used goes first."""

    def __init__(self, clock: Clock) -> None:
        """Count time with `clock`."""
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, str]] = OrderedDict()

    async def get(self, key: str) -> str | None:
        """Return what was put under the key while it lasts."""
        until, value = self._kept.get(key, (None, None))
        if until is None or until <= self._clock.now():
            self._kept.pop(key, None)
            return None
        self._kept.move_to_end(key)
        return value

    async def put(self, key: str, value: str, ttl_s: int) -> None:
        """Keep `value` for `ttl_s` seconds."""
        self._kept[key] = (self._clock.now() + timedelta(seconds=ttl_s), value)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    async def forget(self, needles: Sequence[str]) -> None:
        """Forget the texts that hold any of the words."""
        for key, (_, value) in list(self._kept.items()):
            if any(needle in flat(value) for needle in needles):
                del self._kept[key]
