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
    _until: datetime | None = field(default=None, init=False)

    @property
    def open(self) -> bool:
        """Whether the model counts as down, from the last failure until a call succeeds."""
        return self._until is not None

    @property
    def until(self) -> datetime | None:
        """When a call may try again; None while all may."""
        return self._until

    def allows(self) -> bool:
        """Return whether a call should be tried; after the pause this lets one through."""
        if self._until is None:
            return True
        if self.clock.now() < self._until:
            return False
        self.rest(self.pause)  # whoever asks meanwhile waits for what becomes of this call
        return True

    def rest(self, pause: timedelta) -> None:
        """Open the circuit for a while."""
        self._until = self.clock.now() + pause

    def succeeded(self) -> None:
        """Close the circuit."""
        self._missed, self._until = 0, None

    def failed(self) -> None:
        """Count a failure; open the circuit when there were too many in a row."""
        self._missed += 1
        if self._missed >= self.failures:
            self.rest(self.pause)
