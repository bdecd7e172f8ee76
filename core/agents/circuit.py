"""A circuit breaker: after repeated failures nobody waits for a model that is down."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.ports.clock import Clock

FAILURES = 5
PAUSE = timedelta(seconds=30)


@dataclass
class Circuit:
    """Opens after `failures` in a row; after `pause` one call may try, and closes it on success."""

    clock: Clock
    failures: int = FAILURES
    pause: timedelta = PAUSE
    _missed: int = field(default=0, init=False)
    _opened: datetime | None = field(default=None, init=False)

    @property
    def open(self) -> bool:
        """Whether calls should not even be tried now."""
        if self._opened is None:
            return False
        if self.clock.now() - self._opened < self.pause:
            return True
        self._opened = self.clock.now()
        self._missed = self.failures - 1
        return False

    def succeeded(self) -> None:
        """Close the circuit."""
        self._missed, self._opened = 0, None

    def failed(self) -> None:
        """Count a failure; open the circuit when there were too many in a row."""
        self._missed += 1
        if self._missed >= self.failures:
            self._opened = self.clock.now()
