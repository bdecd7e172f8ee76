"""Hold a log to its anchor: say where it does not fit, and move the anchor forward behind it.

The hash chain shows damage. Whoever can write the database can make a chain of his own; the anchor,
signed and kept elsewhere, shows that.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.domain.errors import EquerryError, StorageError
from core.domain.events import Event, stamp
from core.domain.events.health import HealthState
from core.ports.anchor import Anchor, Anchored, Doubt, Kept, Mark, Seen
from core.ports.clock import Clock
from core.ports.event_log import EventLog, EventQuery

ANCHORED = frozenset(
    {
        "operation.started.v1",
        "operation.committing.v1",
        "operation.undone.v1",
        "card.decided.v1",
        "grant.given.v1",
        "grant.revoked.v1",
        "autonomy.paused.v1",
        "autonomy.resumed.v1",
        "access.granted.v1",
        "access.revoked.v1",
        "fact.forgotten.v1",
    }
)
"""Appends of these return once they are anchored: an effect begins after its start is, and what the
owner decided cannot be taken back with an older copy of the database."""

LATER_S = 1.0
"""Everything else is anchored in one go, so long after it: one small write a second at most."""
SHOWN = 16
"""Digits of a hash that people are shown, as many as `verify` shows of the head."""
AGAIN = 20
"""How often a place that others write at the same time is tried."""

Fit = Literal["none", "new", "fits", "behind", "differs", "other"]
WRONG = frozenset({"behind", "differs", "other"})
Say = Callable[[HealthState, str], Awaitable[None]]
Enter = Callable[[Doubt], Awaitable[object]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a log stands to its anchor.

    `mark` is the newest that was signed, in the place or in the copy; `ended` the log's newest
    position, `found` the hash that the log has at the mark's position.
    """

    fit: Fit
    seen: Seen
    place: str
    ended: int
    mark: Mark | None = None
    found: str = ""

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What was found earlier and is not settled."""
        return doubts_of(self.seen)

    @property
    def sound(self) -> bool:
        """Whether nothing speaks against the log."""
        signed = self.seen.kept not in {Kept.UNSIGNED, Kept.FOREIGN}
        return self.fit not in WRONG and signed and not self.doubts


def doubts_of(seen: Seen) -> tuple[Doubt, ...]:
    """Return the doubts of the place and of the copy, each once."""
    both = [one.doubts for one in (_signed(seen), seen.copy) if one is not None]
    return tuple(dict.fromkeys(doubt for doubts in both for doubt in doubts))


def newest(seen: Seen) -> Mark | None:
    """Return the newest mark that carries our signature."""
    marks = [one.mark for one in (_signed(seen), seen.copy) if one is not None]
    return max(marks, key=lambda mark: mark.position, default=None)


def _signed(seen: Seen) -> Anchored | None:
    return seen.anchored if seen.kept is Kept.SIGNED else None


async def standing(log: EventLog, anchor: Anchor, seen: Seen | None = None) -> Standing:
    """Compare a log with its anchor; read nothing but three events. Raises what the log raises."""
    seen = seen or await anchor.load()
    ended, _ = await log.head()
    mark = newest(seen)
    if mark is None:
        return Standing("none", seen, anchor.place, ended)
    if ended == 0:
        return Standing("new", seen, anchor.place, ended, mark)
    first = await _at(log, 1)
    if first != mark.log:
        return Standing("other", seen, anchor.place, ended, mark, first)
    if mark.position > ended:
        return Standing("behind", seen, anchor.place, ended, mark)
    found = await _at(log, mark.position)
    fit: Fit = "fits" if found == mark.hash else "differs"
    return Standing(fit, seen, anchor.place, ended, mark, found)


async def _at(log: EventLog, position: int) -> str:
    """Return the hash of the event at a position, empty where there is none."""
    found = await log.read(EventQuery(after=position - 1), limit=1)
    return found[0].hash if found and found[0].position == position else ""


class AnchorKeeper:
    """Moves the anchor of one log forward. It never raises: what it cannot do is said as health.

    A log that does not fit its anchor is not taken over in silence: what the anchor said stays in
    it as a doubt, and the log is anchored from where it is now.
    """

    def __init__(
        self, log: EventLog, anchor: Anchor, clock: Clock, say: Say, enter: Enter | None = None
    ) -> None:
        """Take the log, where its anchor is kept, whom to tell how that goes, and what to do once.

        `enter` is for each doubt that the log is not where it was, before an effect begins on it.
        """
        self._log, self._anchor, self._clock, self._say = log, anchor, clock, say
        self._enter, self._entered = enter, set[Mark]()
        self._moving = asyncio.Lock()
        self._seen: Seen | None = None
        self._newest: Event | None = None
        self._later: asyncio.Task[None] | None = None
        self._first: str | None = None
        self._earlier: Mark | None = None
        self._told: str | None = None

    async def standing(self) -> Standing:
        """Compare the log with its anchor as they are now."""
        return await standing(self._log, self._anchor)

    async def start(self, *, lead: bool, works: bool = False) -> Standing:
        """Compare, and where this process leads, note what does not fit and anchor the log.

        `works`: effects may begin here; where the log does not fit, it is noted before one does.
        """
        found = await self.standing()
        if found.fit == "new":
            self._earlier = found.mark
        if found.ended and (lead or (works and not found.sound)):
            await self._move(found.ended)
        if works and found.ended:  # also where nothing can be written beside the log
            await self._enter_all(found)
        return found

    async def enter(self) -> None:
        """Enter what a log that went backwards is in, as it is now. Raises what the log raises."""
        found = await self.standing()
        if found.ended:
            await self._enter_all(found)

    async def _enter_all(self, found: Standing) -> None:
        await self._went_back([*found.doubts, *_new_doubts(found, stamp(self._clock.now()))])

    async def accept(self) -> None:
        """Take the log as it is: the owner knows of whatever did not fit.

        Raises StorageError when the anchor cannot be written.
        """
        ended, _ = await self._log.head()
        mark = await self._mark_at(ended) if ended else None
        if mark is None:
            return
        async with self._moving:
            await self._swapped(Anchored(mark=mark))
        await self._say("well", "")
        await self._move((await self._log.head())[0])

    def heard(self, events: Sequence[Event]) -> None:
        """Take note of what was appended; it is anchored a moment later."""
        self._newest = events[-1]
        if self._later is None or self._later.done():
            self._later = asyncio.get_running_loop().create_task(self._settle())

    async def hold(self, event: Event) -> None:
        """Anchor an event, on return durably: whatever it begins can begin now.

        Raises what the log raises where it went backwards and that cannot be written down.
        """
        await self._move(event.position)
        await self._went_back(self._doubts())

    async def close(self) -> None:
        """Anchor what was appended last."""
        if self._later is not None:
            self._later.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._later
        if self._newest is not None:
            await self._move(self._newest.position)

    async def _settle(self) -> None:
        await asyncio.sleep(LATER_S)
        if self._newest is not None:
            await self._move(self._newest.position)
        with contextlib.suppress(EquerryError):  # no effect waits for it; the next one tries again
            await self._went_back(self._doubts())

    async def _move(self, position: int) -> None:
        """Move the anchor to a position or behind it, whoever else moves it."""
        trouble = ""
        try:
            async with self._moving:
                await self._move_to(position)
        except (EquerryError, OSError) as error:
            logger.warning("the log is not anchored: %s", error)
            trouble = str(error)
        await self._tell(trouble)

    def _doubts(self) -> tuple[Doubt, ...]:
        return doubts_of(self._seen) if self._seen is not None else ()

    async def _went_back(self, doubts: Sequence[Doubt]) -> None:
        """Enter what a log that went backwards is in, once for each anchor that said so."""
        for doubt in doubts:
            mark = doubt.mark
            if self._enter is None or mark in self._entered:
                continue
            if doubt.why == "unsigned" and await _at(self._log, mark.position) == mark.hash:
                continue  # somebody else signed where the log stood: nothing is lost
            await self._enter(doubt)
            self._entered.add(mark)

    async def _move_to(self, position: int) -> None:
        mark = await self._mark_at(position)
        if mark is None:
            return
        if self._seen is not None:
            new = await self._next(self._seen, mark, known=True)
            if new is None:
                return
            self._seen = await self._anchor.swap(self._seen, new)
        if self._seen is None:
            await self._swapped(mark)

    async def _swapped(self, wanted: Mark | Anchored) -> None:
        """Write what is wanted over whatever is there by now."""
        for _ in range(AGAIN):
            seen = await self._anchor.load()
            new = wanted
            if isinstance(new, Mark):
                next_one = await self._next(seen, new, known=False)
                if next_one is None:
                    self._seen = seen
                    return
                new = next_one
            self._seen = await self._anchor.swap(seen, new)
            if self._seen is not None:
                return
        message = f"The anchor in {self._anchor.place} is written by others all the time."
        raise StorageError(message)

    async def _next(self, seen: Seen, mark: Mark, *, known: bool) -> Anchored | None:
        """Return what the anchor is to hold, None where it holds that already.

        `known`: this process wrote it, so that while the log grows one event need be compared: a
        server may have come back as an older one, and be ahead of the anchor by what came since.
        """
        before = newest(seen)
        if before is not None and before == self._earlier:
            return Anchored(mark=mark)
        if known and before is not None and before.log == mark.log:
            if before == mark:
                return None
            grown = before.position < mark.position
            if grown and await _at(self._log, before.position) == before.hash:
                return Anchored(mark=mark, doubts=doubts_of(seen))
        found = await standing(self._log, self._anchor, seen)
        done = found.fit == "fits" and before is not None and before.position >= mark.position
        if done and seen.kept is Kept.SIGNED:
            return None
        doubts = (*doubts_of(seen), *_new_doubts(found, stamp(self._clock.now())))
        return Anchored(mark=before if done and before is not None else mark, doubts=doubts)

    async def _mark_at(self, position: int) -> Mark | None:
        """Return the mark of an event, or of the newest one that is known by now."""
        event = self._newest
        if event is None or event.position < position:
            found = await self._log.read(EventQuery(after=position - 1), limit=1)
            event = found[0] if found else None
        if event is None:
            return None
        if self._first is None:
            self._first = event.hash if event.position == 1 else await _at(self._log, 1)
        return Mark(log=self._first, position=event.position, hash=event.hash, at=stamp(event.at))

    async def _tell(self, trouble: str) -> None:
        """Say how the anchor is where that is not known."""
        reason = trouble or " ".join(doubt_line(doubt) for doubt in self._doubts())
        if reason == self._told:
            return
        self._told = reason
        with contextlib.suppress(EquerryError):
            await self._say("failing" if reason else "well", reason)


def _new_doubts(found: Standing, now: str) -> list[Doubt]:
    """Return what does not fit and is not among the doubts yet."""
    new: list[Doubt] = []
    anchored = found.seen.anchored
    if found.seen.kept is Kept.UNSIGNED and anchored is not None:
        new.append(Doubt(mark=anchored.mark, why="unsigned", ended=found.ended, found=now))
    if found.mark is not None and found.fit in {"behind", "differs", "other"}:
        why = found.fit
        new.append(Doubt(mark=found.mark, why=why, ended=found.ended, found=now))
    known = {(doubt.mark, doubt.why) for doubt in found.doubts}
    return [doubt for doubt in new if (doubt.mark, doubt.why) not in known]


def doubt_line(doubt: Doubt) -> str:
    """Return an unsettled doubt in a sentence."""
    mark, on = doubt.mark, doubt.found[:19]
    said = f"its anchor said event {mark.position} ({mark.hash[:SHOWN]})"
    if doubt.why == "unsigned":
        return f"On {on} the anchor at event {mark.position} carried the signature of another key."
    if doubt.why == "behind":
        return f"On {on} the log was behind: {said}, it ended at event {doubt.ended}."
    if doubt.why == "other":
        return f"On {on} another log was found in its place: {said}."
    return f"On {on} the log differed: {said}, and it had another event there."


def lines(found: Standing) -> list[str]:
    """Return how a log stands to its anchor, a sentence each; the first says the most."""
    said = [_fit_line(found), *_place_lines(found)]
    said += [doubt_line(doubt) for doubt in found.doubts]
    if not found.sound:
        said.append("If that is meant to be so, `verify --accept` takes the log as it is.")
    return said


def _fit_line(found: Standing) -> str:
    mark = found.mark
    if mark is None:
        return "No anchor: the chain shows damage and careless edits, nothing more."
    there = f"event {mark.position} ({mark.hash[:SHOWN]})"
    if found.fit == "new":
        return (
            f"The log is empty, a new beginning: the anchor beside it is of an earlier log that "
            f"reached {there}."
        )
    if found.fit == "behind":
        return (
            f"The log is BEHIND its anchor: the anchor says {there}, of {mark.at[:19]}, "
            f"and the log ends at event {found.ended}."
        )
    if found.fit == "other":
        return (
            f"This is ANOTHER log than the anchored one, which began with {mark.log[:SHOWN]} and "
            f"reached {there}; this one begins with {found.found[:SHOWN]}."
        )
    if found.fit == "differs":
        return (
            f"The log DIFFERS from its anchor: event {mark.position} is {found.found[:SHOWN]}, and "
            f"{mark.hash[:SHOWN]} was anchored: it or one before it was changed."
        )
    after = found.ended - mark.position
    lie = {0: "nothing lies after it", 1: "1 event lies after it"}
    return (
        f"Anchored up to {there}: nothing up to there was changed, "
        f"{lie.get(after, f'{after} events lie after it')}."
    )


def _place_lines(found: Standing) -> list[str]:
    seen, said = found.seen, list[str]()
    if seen.trouble:
        said.append(seen.trouble)
    if seen.kept is Kept.UNSIGNED:
        said.append(
            f"The SIGNATURE of the anchor in {found.place} does not fit: somebody else wrote it, "
            f"or it was written with another key."
        )
    if seen.copy is None or found.mark is None:
        return said
    if seen.kept is Kept.ABSENT and not seen.trouble:
        said.append(f"The anchor in {found.place} is gone; the copy beside the key was compared.")
    older = seen.kept is Kept.SIGNED and seen.anchored is not None
    if older and seen.anchored is not None and seen.anchored.mark.position < found.mark.position:
        said.append(
            f"The anchor in {found.place} says only event {seen.anchored.mark.position}: it could "
            f"not be written, or an older one was put in its place; the copy beside the key knows "
            f"of event {found.mark.position}."
        )
    return said
