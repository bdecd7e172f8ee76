"""Money is reserved before a call and settled after it; no calls pass a cap together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from decimal import Decimal

from core.domain.base import Frozen
from core.domain.errors import BudgetExceededError, VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.models import (
    BudgetExceeded,
    BudgetReserved,
    BudgetSettled,
    BudgetWarned,
    CallOutcome,
    Cap,
    ModelCalled,
)
from core.domain.money import ZERO, Usd, dollars
from core.ports.clock import Clock
from core.ports.event_log import EventLog
from core.ports.ids import Ids
from core.ports.read_models import ReadModels, RowQuery

STREAM = "budget"
FREED = "settlements"
"""A settlement that sets money free is apart: it need not hold up those who check the caps."""
STOPPED = "Equerry stopped during this call: counted at its highest cost."
OPERATION = "op:"
"""How the id of a paid action's reservation begins."""
WARN_FROM = Decimal("0.75")


class Caps(Frozen):
    """The most that one call, one goal, one day and one month may cost, in US dollars."""

    operation: Usd = Decimal("0.50")
    goal: Usd = Decimal(2)
    day: Usd = Decimal(5)
    month: Usd = Decimal(60)


@dataclass(frozen=True, slots=True)
class Spender:
    """What money is for: agent, tier and model; for a paid action the tier is `action`."""

    agent: str = "unknown"
    tier: str = "unknown"
    model: str = "unknown"


UNKNOWN = Spender()


@dataclass(frozen=True, slots=True)
class Hold:
    """A reservation; `usd` is zero for a call that cannot cost anything.

    `tight` names the scopes of which three quarters are used with it.
    """

    call: str
    goal: str
    usd: Decimal
    day: str
    month: str
    tight: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """One cap with what is used of it, in US dollars."""

    cap: Cap
    scope: str
    used: Decimal
    limit: Decimal

    @property
    def tight(self) -> bool:
        """Whether three quarters are used."""
        return self.limit > ZERO and self.used >= WARN_FROM * self.limit


class Ledger:
    """Reserves and settles against the caps, across goals, workers and processes.

    Every reservation is appended to one stream at the version its check was made at, so two
    that would pass a cap together conflict, and the later one is checked again. A settlement
    above its reservation is on that stream too.
    """

    def __init__(
        self, log: EventLog, rows: ReadModels, clock: Clock, ids: Ids, *, caps: Caps, zone: tzinfo
    ) -> None:
        """Count days and months in the owner's `zone`."""
        self.log, self.rows, self._clock, self._ids = log, rows, clock, ids
        self.caps, self.zone = caps, zone
        self.asking = asyncio.Lock()
        """Held while a card about money is opened, so that one question gets one card."""
        self._turn = asyncio.Lock()

    async def record(self, events: Sequence[NewEvent]) -> None:
        """Append events that must be counted whatever becomes of the work they belong to."""
        await self.log.append(events)

    def now(self) -> datetime:
        """Return the current time, in UTC."""
        return self._clock.now()

    def today(self) -> str:
        """Return the owner's day as `2026-11-23`."""
        return self._clock.now().astimezone(self.zone).strftime("%Y-%m-%d")

    async def reserve(
        self, goal: str, usd: Decimal, spender: Spender = UNKNOWN, call: str = ""
    ) -> Hold:
        """Set `usd` aside for `call` (a fresh id where none is given).

        Raises BudgetExceededError, which is on the log then.
        """
        day = self.today()
        hold = Hold(call or self._ids.new(), goal, usd, day, day[:7])
        if usd == ZERO:
            return hold
        payload = BudgetReserved(
            call=hold.call,
            usd=usd,
            day=hold.day,
            month=hold.month,
            agent=spender.agent,
            tier=spender.tier,
            model=spender.model,
        )
        event = NewEvent(stream=STREAM, payload=payload, goal=goal, key=f"reserve:{hold.call}")
        async with self._turn:
            while True:
                version = await self.log.version(STREAM)
                standings = await self._checked(hold)
                try:
                    await self.log.append([event], expect={STREAM: version})
                except VersionConflictError:
                    continue
                break
        return replace(hold, tight=await self._warned(goal, standings))

    def settlement(self, hold: Hold, usd: Decimal) -> list[NewEvent]:
        """Return the event that replaces the reservation by the cost; none for a free call."""
        if hold.usd == ZERO and usd == ZERO:
            return []
        payload = BudgetSettled(
            call=hold.call, usd=usd, reserved=hold.usd, day=hold.day, month=hold.month
        )
        stream = FREED if usd <= hold.usd else STREAM
        return [NewEvent(stream=stream, payload=payload, goal=hold.goal, key=f"settle:{hold.call}")]

    def counted(
        self, hold: Hold, spender: Spender, outcome: CallOutcome, usd: Decimal, error: str = ""
    ) -> list[NewEvent]:
        """Return the events of something that was paid for and has no other event that says so."""
        payload = ModelCalled(
            call=hold.call,
            day=hold.day,
            agent=spender.agent,
            tier=spender.tier,
            model=spender.model,
            usd=usd,
            latency_ms=0,
            outcome=outcome,
            error=error,
        )
        stream = f"calls:{hold.goal}"
        event = NewEvent(stream=stream, payload=payload, goal=hold.goal, actor=spender.agent)
        return [event, *self.settlement(hold, usd)]

    async def settle(self, hold: Hold, usd: Decimal) -> None:
        """Append the settlement at once."""
        if events := self.settlement(hold, usd):
            await self.log.append(events)

    async def used(self, scope: str) -> Decimal:
        """Return what a scope (`day:2026-11-23`, `goal:G7`) has spent and reserved, in dollars."""
        row = await self.rows.get("spend", scope)
        return Decimal(row.doc["spent"]) + Decimal(row.doc["reserved"]) if row else ZERO

    async def standings(self, goal: str | None = None) -> list[Standing]:
        """Return the caps of today, this month and a goal with what is used, raises included."""
        return (await self._standings(goal, self.today()))[0]

    async def tight(self, goal: str) -> tuple[str, ...]:
        """Return the scopes of which three quarters are used."""
        return tuple(s.scope for s in await self.standings(goal) if s.tight)

    async def settle_orphans(self) -> int:
        """Count the reservations that a crash left open as spent, since nobody knows; how many.

        Those of paid actions are left to their operations, which look up what became of them.
        """
        rows = await self.rows.find(RowQuery("spend", group="hold"), limit=None)
        lost = [row for row in rows if not row.doc["call"].startswith(OPERATION)]
        for row in lost:
            doc, usd = row.doc, Decimal(row.doc["usd"])
            hold = Hold(doc["call"], doc["goal"], usd, doc["day"], doc["month"])
            spender = Spender(doc["agent"], doc["tier"], doc["model"])
            await self.log.append(self.counted(hold, spender, "unknown", usd, STOPPED))
        return len(lost)

    async def _standings(
        self, goal: str | None, day: str
    ) -> tuple[list[Standing], Mapping[str, Decimal]]:
        """Return how the caps stand, and what was added to any of them."""
        caps = self.caps
        limits: list[tuple[Cap, str, Decimal]] = [
            ("day", f"day:{day}", caps.day),
            ("month", f"month:{day[:7]}", caps.month),
        ]
        if goal is not None:
            limits.insert(0, ("goal", f"goal:{goal}", caps.goal))
        raised = await self._raised()
        used = await asyncio.gather(*(self.used(scope) for _, scope, _ in limits))
        found = [
            Standing(cap, scope, spent, limit + raised.get(scope, ZERO))
            for (cap, scope, limit), spent in zip(limits, used, strict=True)
        ]
        return found, raised

    async def _raised(self) -> dict[str, Decimal]:
        rows = await self.rows.find(RowQuery("spend", group="raise"), limit=None)
        return {row.key.removeprefix("raise:"): Decimal(row.doc["usd"]) for row in rows}

    async def _checked(self, hold: Hold) -> list[Standing]:
        standings, raised = await self._standings(hold.goal, hold.day)
        operation = f"operation:{hold.goal}"
        limit = self.caps.operation + raised.get(operation, ZERO)
        for found in (Standing("operation", operation, ZERO, limit), *standings):
            if found.used + hold.usd > found.limit:
                await self._exceeded(hold, found)
        return [replace(found, used=found.used + hold.usd) for found in standings]

    async def _exceeded(self, hold: Hold, found: Standing) -> None:
        payload = BudgetExceeded(
            cap=found.cap, scope=found.scope, wanted=hold.usd, used=found.used, limit=found.limit
        )
        event = NewEvent(stream=f"calls:{hold.goal}", payload=payload, goal=hold.goal)
        await self.log.append([event])
        message = (
            f"The budget of this {found.cap} is {dollars(found.limit)}; {dollars(found.used)} are "
            f"used and this call may cost {dollars(hold.usd)} (config key budget.{found.cap}_usd)."
        )
        asks = found.used + hold.usd - found.limit
        raise BudgetExceededError(
            message, cap=found.cap, scope=found.scope, asks=asks, limit=found.limit
        )

    async def _warned(self, goal: str, standings: Sequence[Standing]) -> tuple[str, ...]:
        tight = [found for found in standings if found.tight]
        for found in tight:
            payload = BudgetWarned(
                cap=found.cap, scope=found.scope, used=found.used, limit=found.limit
            )
            key = f"warn:{found.scope}:{format(found.limit, 'f')}"
            event = NewEvent(stream=FREED, payload=payload, goal=goal, key=key)
            await self.log.append([event])
        return tuple(found.scope for found in tight)
