"""Places beside the log where words of the owner may linger."""

from collections.abc import Sequence
from typing import Protocol


class Traces(Protocol):
    """Takes words away wherever they linger, and names the owner's own files that hold them."""

    async def erase(self, needles: Sequence[str]) -> list[str]:
        """Erase the words from histories, journals and caches.

        Returns the files of the owner's own that hold them too: they are left as they are.
        """
        ...
