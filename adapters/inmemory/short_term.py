"""Short-term memory in this process, for tests and small uses."""

from datetime import datetime, timedelta

from core.ports.clock import Clock


class MemoryShortTerm:
    """A ShortTerm that forgets by a given clock."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nothing."""
        self._clock = clock
        self._kept: dict[str, tuple[datetime, str]] = {}

    async def get(self, name: str) -> str | None:
        """Return what was put under the name while it lasts."""
        until, text = self._kept.get(name, (None, None))
        if until is None or until <= self._clock.now():
            self._kept.pop(name, None)
            return None
        return text

    async def put(self, name: str, text: str, ttl_s: int) -> None:
        """Keep `text` for `ttl_s` seconds."""
        self._kept[name] = (self._clock.now() + timedelta(seconds=ttl_s), text)

    async def drop(self, name: str) -> None:
        """Forget what was put under the name."""
        self._kept.pop(name, None)
