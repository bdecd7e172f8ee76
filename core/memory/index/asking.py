"""Which model makes the vector of a question: while a new one is moved to, the older one.

Any process asks, also one that does not keep the index: the vectors themselves tell how far the
move is.
"""

from collections.abc import Callable

from core.memory.index.indexer import Indexer
from core.ports.embedder import Embedder

Older = Callable[[str], Embedder | None]
"""Returns the embedder of a space that vectors are kept of, None where it cannot be had."""


def none(_space: str) -> Embedder | None:
    """Know no older model."""
    return None


class Asking:
    """Remembers per scope which older model answers, and looks again while one does."""

    def __init__(self, older: Older) -> None:
        """Take how to get the embedder of an older space."""
        self._older = older
        self._chosen: dict[str, Embedder | None] = {}

    async def embedder(self, indexer: Indexer, new: Embedder) -> Embedder:
        """Return what a question of this scope is asked with. Raises StorageError."""
        scope = indexer.scope
        if scope not in self._chosen or self._chosen[scope] is not None:
            self._chosen[scope] = await self._choose(indexer, new.space)
        return self._chosen[scope] or new

    def answers(self, scope: str) -> Embedder | None:
        """Return the older model that answers in a scope."""
        return self._chosen.get(scope)

    def look_again(self, scope: str) -> None:
        """Forget what was chosen."""
        self._chosen.pop(scope, None)

    async def _choose(self, indexer: Indexer, new: str) -> Embedder | None:
        spaces = await indexer.index.spaces()
        chosen = self._chosen.get(indexer.scope)
        if chosen is not None and chosen.space in spaces:
            return chosen
        others = {name: count for name, count in spaces.items() if name != new}
        best = max(others, key=lambda name: others[name], default=None)
        if best is None or others[best] <= spaces.get(new, 0):
            return None
        return self._older(best)
