"""Money is reserved before a call and settled after it; no calls pass a cap together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Literal

from core.domain.base import Frozen
from core.domain.errors import BudgetExceededError, VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.models import BudgetExceeded, BudgetReserved, BudgetSettled
from core.domain.money import ZERO, Usd, dollars
from core.ports.clock import Clock
from core.ports.event_log import EventLog
from core.ports.ids import Ids
from core.ports.read_models import ReadModels

STREAM = "budget"
Cap = Literal["operation", "goal", "day", "month"]


class Caps(Frozen):
    """The most that one call, one goal, one day and one month may cost, in US dollars."""

    operation: Usd = Decimal("0.50")
    goal: Usd = Decimal(2)
    day: Usd = Decimal(5)
    month: Usd = Decimal(60)


@dataclass(frozen=True, slots=True)
class Hold:
    """A reservation; `usd` is zero for a call that cannot cost anything."""

    call: str
    goal: str
    usd: Decimal
    day: str
    month: str


class Ledger:
    """Reserves and settles against the caps, across goals, workers and processes.

    Every reservation is appended to one stream at the version its check was made at, so two
    that would pass a cap together conflict, and the later one is checked again.
    """

    def __init__(
        self, log: EventLog, rows: ReadModels, clock: Clock, ids: Ids, *, caps: Caps, zone: tzinfo
    ) -> None:
        """Count days and months in the owner's `zone`."""
        self._log, self._rows, self._clock, self._ids = log, rows, clock, ids
        self.caps, self.zone = caps, zone
        self._turn = asyncio.Lock()

    async def record(self, events: Sequence[NewEvent]) -> None:
        """Append events that must be counted whatever becomes of the work they belong to."""
        await self._log.append(events)

    async def reserve(self, goal: str, usd: Decimal) -> Hold:
        """Set `usd` aside. Raises BudgetExceededError, which is on the log then."""
        today = self._clock.now().astimezone(self.zone)
        hold = Hold(self._ids.new(), goal, usd, today.strftime("%Y-%m-%d"), today.strftime("%Y-%m"))
        if usd == ZERO:
            return hold
        payload = BudgetReserved(call=hold.call, usd=usd, day=hold.day, month=hold.month)
        event = NewEvent(stream=STREAM, payload=payload, goal=goal, key=f"reserve:{hold.call}")
        async with self._turn:
            while True:
                version = await self._log.version(STREAM)
                await self._check(hold)
                try:
                    await self._log.append([event], expect={STREAM: version})
                except VersionConflictError:
                    continue
                return hold

    def settlement(self, hold: Hold, usd: Decimal) -> list[NewEvent]:
        """Return the event that replaces the reservation by the cost; none for a free call."""
        if hold.usd == ZERO and usd == ZERO:
            return []
        payload = BudgetSettled(
            call=hold.call, usd=usd, reserved=hold.usd, day=hold.day, month=hold.month
        )
        return [NewEvent(stream=STREAM, payload=payload, goal=hold.goal, key=f"settle:{hold.call}")]

    async def settle(self, hold: Hold, usd: Decimal) -> None:
        """Append the settlement at once."""
        if events := self.settlement(hold, usd):
            await self._log.append(events)

    async def used(self, scope: str) -> Decimal:
        """Return what a scope (`day:2026-11-23`, `goal:G7`) has spent and reserved, in dollars."""
        row = await self._rows.get("spend", scope)
        return Decimal(row.doc["spent"]) + Decimal(row.doc["reserved"]) if row else ZERO

    async def _check(self, hold: Hold) -> None:
        limits: tuple[tuple[Cap, str | None, Decimal], ...] = (
            ("operation", None, self.caps.operation),
            ("goal", f"goal:{hold.goal}", self.caps.goal),
            ("day", f"day:{hold.day}", self.caps.day),
            ("month", f"month:{hold.month}", self.caps.month),
        )
        for cap, scope, limit in limits:
            used = await self.used(scope) if scope else ZERO
            if used + hold.usd > limit:
                await self._exceeded(hold, cap, used, limit)

    async def _exceeded(self, hold: Hold, cap: Cap, used: Decimal, limit: Decimal) -> None:
        payload = BudgetExceeded(cap=cap, wanted=hold.usd, used=used, limit=limit)
        event = NewEvent(stream=f"goal:{hold.goal}", payload=payload, goal=hold.goal)
        await self._log.append([event])
        message = (
            f"The budget of this {cap} is {dollars(limit)}; {dollars(used)} are used and this "
            f"call may cost {dollars(hold.usd)} (config key budget.{cap}_usd)."
        )
        raise BudgetExceededError(message, cap=cap)
