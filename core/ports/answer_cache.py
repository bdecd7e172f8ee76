"""Short-lived answers of models, by an exact key."""

from collections.abc import Sequence
from typing import Protocol


class AnswerCache(Protocol):
    """Keeps texts for a while; may forget any of them at any time."""

    async def get(self, key: str) -> str | None:
        """Return what was put under the key, None when there is nothing (any more)."""
        ...

    async def put(self, key: str, value: str, ttl_s: int) -> None:
        """Keep `value` for `ttl_s` seconds."""
        ...

    async def forget(self, needles: Sequence[str]) -> None:
        """Forget the texts that hold any of the words."""
        ...
