"""Say how far a long reading of the log is."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

EACH_S = 2.0
"""What is done within this needs no word; after it, a line now and then shows that it goes on."""


class ProgressLines:
    """Writes `WHAT: 12000 of 80000 events.` to stderr every two seconds, nothing before that."""

    def __init__(
        self,
        what: str,
        stream: TextIO | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the clock."""
        self._what, self._stream, self._now = what, stream, now
        self._due = now() + EACH_S

    def __call__(self, done: int, total: int) -> None:
        """Take note of how many events of how many are read."""
        if self._now() >= self._due:
            with suppress(OSError, ValueError):  # a full disk behind stderr ends no reading
                print(f"{self._what}: {done} of {total} events.", file=self._stream or sys.stderr)
            self._due = self._now() + EACH_S
