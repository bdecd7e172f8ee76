"""Fresh names as a port."""

from typing import Protocol


class Ids(Protocol):
    """Makes names that were never used before."""

    def new(self) -> str:
        """Return a fresh id of 32 hexadecimal characters."""
        ...
