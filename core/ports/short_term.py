"""Short-term memory: a small document per name, kept for a while, that may be lost at any time."""

from typing import Protocol


class ShortTerm(Protocol):
    """Keeps texts by name; whoever reads one can make it again.

    Every method raises ShortTermDownError, within a fraction of a second, while it is out of reach.
    """

    async def get(self, name: str) -> str | None:
        """Return what was put under the name, None when there is nothing (any more)."""
        ...

    async def put(self, name: str, text: str, ttl_s: int) -> None:
        """Keep `text` for `ttl_s` seconds in place of what was there."""
        ...

    async def drop(self, name: str) -> None:
        """Forget what was put under the name."""
        ...
