"""Ends of attempts that the event log does not have yet: in memory, and beside it in a spool.

An effect whose end cannot be written to the log (a full disk, a database that is away) must be
neither forgotten nor repeated: it is recorded as soon as the log can be written again, by this
process or by the next.
"""

import logging

from core.domain.errors import StorageError
from core.ports.outcome_spool import Outcome, OutcomeSpool

logger = logging.getLogger(__name__)


class UnrecordedOutcomes:
    """Keeps outcomes until they are on the log; without a `spool` in memory alone."""

    def __init__(self, spool: OutcomeSpool | None = None) -> None:
        """Take the place that survives this process."""
        self._spool = spool
        self._held: dict[str, Outcome] = {}

    async def reserve(self, marker: str) -> None:
        """Make room for the outcome of an effect that is about to begin. Raises StorageError."""
        if self._spool is not None:
            await self._spool.reserve(marker)

    async def keep(self, outcome: Outcome) -> None:
        """Keep how an attempt ended; where the spool cannot, this process still knows."""
        self._held[outcome.marker] = outcome
        if self._spool is None:
            return
        try:
            await self._spool.write(outcome)
        except StorageError as error:
            logger.warning("the outcome of %s is in memory only: %s", outcome.marker, error)

    async def find(self, marker: str, attempt: int) -> Outcome | None:
        """Return how an attempt ended that has no end on the log.

        An effect that happened is found whatever its attempt: it must not happen again.
        """
        found = self._held.get(marker)
        if found is None and self._spool is not None:
            found = await self._spool.read(marker)
        if found is None or (found.attempt != attempt and found.end != "finished"):
            return None
        return found

    async def drop(self, marker: str) -> None:
        """Forget an outcome that is on the log."""
        self._held.pop(marker, None)
        if self._spool is not None:
            await self._spool.drop(marker)
