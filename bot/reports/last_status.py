"""How things stood when the store last said so: `/status` answers whatever the store does."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.reports.report import Report
from core.telemetry.store_trouble import StoreTrouble

WELL = "All well."


@dataclass(slots=True)
class LastStatus:
    """What is known from memory: the report of `as_of`, and the owners of Telegram then.

    `away_since` is when the store did not answer first, None while it does.
    """

    known: Report | None = None
    as_of: datetime | None = None
    away_since: datetime | None = None
    owners: frozenset[str] = frozenset()
    asking: "asyncio.Task[Report] | None" = field(default=None, repr=False)

    def learn(self, report: Report, now: datetime) -> None:
        """Keep what the store said."""
        self.known, self.as_of, self.away_since = report, now, None

    def forget(self) -> None:
        """Wait for no answer any more that may never come."""
        if self.asking is not None:
            self.asking.cancel()

    def recall(
        self, now: datetime, zone: tzinfo, problem: str | None, storage: StoreTrouble
    ) -> Report:
        """Return what is known, marked as such; `problem` is what the engine says by itself."""
        self.away_since = self.away_since or now
        lines = [f"The store has not answered since {_time(self.away_since, zone)}."]
        if self.known is None or self.as_of is None:
            lines.append("Nothing is known from before.")
            data = {}
        else:
            lines[0] += f" From memory, as of {_time(self.as_of, zone)}:"
            lines += [line for line in self.known.text.splitlines() if line != WELL]
            data = dict(self.known.data)
        if storage.sentence and f"Storage: {storage.sentence}" not in lines:
            lines.append(f"Storage: {storage.sentence}")
        if problem is not None and f"Problem: {problem}" not in lines:
            lines.append(f"Problem: {problem}")
        if not storage.is_damaged:
            lines.append("Work goes on by itself when it answers again.")
        since = {"as_of": _iso(self.as_of), "away_since": _iso(self.away_since)}
        return Report(
            data={**data, "problem": problem, "memory_only": since}, text="\n".join(lines)
        )


def _time(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M:%S}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
