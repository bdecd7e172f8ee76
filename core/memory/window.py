"""The short-term window: recent turns and open goals of a conversation, repaired when read.

The log is the truth and the document in short-term memory a copy. Each read compares the newest
turn of the copy with the newest on the log and adds what is missing; a copy that is gone, damaged,
of another version or of another log is made again. Whoever keeps copies outside this process gives
back only what was signed here, so that nobody else's words get in. Without a copy everything is the
same but for a few milliseconds.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ValidationError

from core.domain.base import Frozen
from core.domain.errors import ShortTermDownError
from core.memory.active import ActiveGoal, active_goals
from core.memory.turns import KEPT, Turn, inside, short
from core.ports.clock import Clock
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, Row, RowQuery
from core.ports.short_term import ShortTerm
from core.projections.conversations import ERASURES
from core.telemetry.health import REDIS, Health

GLANCE = 6
PAUSE = timedelta(seconds=10)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WindowSize:
    """How many tokens of turns go into a prompt, and how long the copy is kept, in seconds."""

    tokens: int = 300
    ttl_s: int = 24 * 3600


class Window(Frozen):
    """The newest turns, oldest first, and the open goals; `erasures`: how often text was erased."""

    v: Literal[2] = 2
    erasures: int = 0
    turns: tuple[Turn, ...] = ()
    goals: tuple[ActiveGoal, ...] = ()


class Windows:
    """The windows of all conversations."""

    def __init__(
        self,
        log: EventLog,
        rows: ReadModels,
        clock: Clock,
        short_term: ShortTerm | None = None,
        size: WindowSize | None = None,
        health: Health | None = None,
    ) -> None:
        """Copy to `short_term`; None: make each window from the log."""
        self._log, self._rows, self._clock = log, rows, clock
        self._short_term = short_term
        self._health = health or Health(log, rows)
        self._down_until: datetime | None = None
        self._told: bool | None = None
        self.size = size or WindowSize()

    async def read(self, conversation: str, skip: Sequence[str] = ()) -> Window:
        """Return the window; `skip` are the messages that the goal being planned answers."""
        kept = await self._kept(conversation)
        erasures = await self._erasures()
        if kept is not None and kept.erasures != erasures:
            kept = None
        turns = await self._turns(conversation, kept)
        goals = kept.goals if kept is not None and _goes_on(kept.turns, turns) else ()
        window = Window(
            erasures=erasures,
            turns=turns,
            goals=await active_goals(self._log, self._rows, conversation, skip, goals),
        )
        if window != kept:
            await self._keep(conversation, window)
        return window

    def fitting(self, window: Window, skip: Sequence[str] = ()) -> tuple[Turn, ...]:
        """Return the newest turns that fit into the tokens, without the messages of `skip`."""
        return inside([turn for turn in window.turns if turn.message not in skip], self.size.tokens)

    async def forget(self, conversation: str) -> None:
        """Drop the copy: a text of the conversation was erased.

        Where this cannot reach it, the next read sees that something was erased since.
        """
        if (store := self._reachable()) is not None:
            try:
                await store.drop(_name(conversation))
            except ShortTermDownError as error:
                await self._failed(error)

    async def probe(self) -> None:
        """Look whether short-term memory is well again, and say so."""
        if self._short_term is not None:
            self._down_until = None
            await self._kept("")

    def _reachable(self) -> ShortTerm | None:
        now = self._clock.now()
        if self._down_until is not None and now < self._down_until <= now + PAUSE:
            return None
        return self._short_term

    async def _kept(self, conversation: str) -> Window | None:
        if (store := self._reachable()) is None:
            return None
        try:
            text = await store.get(_name(conversation))
        except ShortTermDownError as error:
            await self._failed(error)
            return None
        await self._well()
        try:
            return None if text is None else Window.model_validate_json(text)
        except ValidationError:
            logger.info("the window of %s cannot be read and is made again", conversation)
            return None

    async def _keep(self, conversation: str, window: Window) -> None:
        if (store := self._reachable()) is None:
            return
        try:
            await store.put(_name(conversation), window.model_dump_json(), self.size.ttl_s)
        except ShortTermDownError as error:
            await self._failed(error)

    async def _failed(self, error: ShortTermDownError) -> None:
        self._down_until = self._clock.now() + PAUSE
        if self._told is not False:
            self._told = False
            await self._health.say(REDIS, "failing", str(error))

    async def _well(self) -> None:
        self._down_until = None
        if self._told is not True:
            self._told = True
            await self._health.say(REDIS, "well")

    async def _erasures(self) -> int:
        row = await self._rows.get("window", ERASURES)
        return int(row.doc["count"]) if row is not None else 0

    async def _turns(self, conversation: str, kept: Window | None) -> tuple[Turn, ...]:
        query = RowQuery("window", group=conversation, newest_first=True)
        rows = await self._rows.find(query, limit=GLANCE)
        known = kept.turns if kept is not None else ()
        missing = _missing(known, rows)
        if missing is None:
            known = ()
            whole = len(rows) < GLANCE
            missing = rows if whole else await self._rows.find(query, limit=KEPT)
        if not missing:
            return known
        refs = [row.doc["text"]["ref"] for row in missing]
        values = await self._log.values(refs)
        fresh = [_turn(row, values.get(row.doc["text"]["ref"])) for row in reversed(missing)]
        return (*known, *fresh)[-KEPT:]


def _goes_on(known: Sequence[Turn], turns: Sequence[Turn]) -> bool:
    """Whether turns hold the last of those known: else the copy was of another log."""
    return bool(known) and any(turn.ref == known[-1].ref for turn in turns)


def _missing(known: Sequence[Turn], rows: Sequence[Row]) -> Sequence[Row] | None:
    """Return the rows, newest first, that came after what is known; None: it must be made again.

    A text's reference is random, so that of another log, or of a log before a restore, differs.
    """
    if not known:
        return None if rows else []
    for number, row in enumerate(rows):
        if int(row.key) == known[-1].position:
            return rows[:number] if row.doc["text"]["ref"] == known[-1].ref else None
    return None


def _turn(row: Row, text: object) -> Turn:
    doc = row.doc
    return Turn(
        message=doc["message"],
        who=doc["who"],
        text=None if text is None else short(str(text)),
        trusted=doc["trusted"],
        at=doc["at"],
        position=int(row.key),
        ref=doc["text"]["ref"],
    )


def _name(conversation: str) -> str:
    return f"window:{conversation}"
