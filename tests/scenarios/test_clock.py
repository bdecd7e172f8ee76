"""A clock that is wrong for a while spends no timer and stamps nothing; then it goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.inmemory.clock import START, FakeClock
from adapters.system.clock import SystemClock
from bot.app import Overrides
from bot.front import Front, Line
from bot.telegram.held import HeldNotices
from core.access.register import Register
from core.domain.errors import StorageError
from core.domain.events import NewEvent, stamp
from core.domain.events.messages import MessageQueued
from core.log.trusted_clock import PLAUSIBLE
from core.ports.event_log import Appended
from core.telemetry.clock_doubt import clock_doubt
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting

HOUR = 3600
YEARS, DAY_BACK = timedelta(days=3650), timedelta(days=-1)


async def passes(talk: Sitting, clock: FakeClock, seconds: float) -> list[str]:
    """Let time pass and return what was said meanwhile."""
    before = len(talk.said)
    clock.advance(seconds)
    await talk.app.engine.idle()
    return talk.said[before:]


async def noticed(talk: Sitting, clock: FakeClock, *, doubted: bool) -> str:
    """Let the clock be looked at until it is doubted, or is not; return what `/status` says."""
    rows = talk.app.store
    await until_async(lambda: clock_doubt(rows), clock, wanted=doubted)
    return await held(talk)


async def until_async(
    look: Callable[[], Awaitable[object]], clock: FakeClock, *, wanted: bool = True
) -> None:
    """Let seconds pass until something is as it is wanted."""
    end = asyncio.get_running_loop().time() + 20
    while bool(await look()) is not wanted:
        clock.advance(1)
        assert asyncio.get_running_loop().time() < end, "what was waited for did not happen"
        await asyncio.sleep(0.01)


async def until(holds: Callable[[], object], clock: FakeClock) -> None:
    """Let seconds pass until something holds."""

    async def look() -> object:
        return holds()

    await until_async(look, clock)


async def held(talk: Sitting) -> str:
    """Return what `/status` says of the clock."""
    lines = (await talk.say("/status")).splitlines()
    return next((line for line in lines if line.startswith("Clock: ")), "")


@pytest.mark.parametrize("by", [YEARS, DAY_BACK])
async def test_a_wrong_reading_for_some_seconds(stored_place: Place, by: timedelta) -> None:
    """Nothing is spent, all is stamped plausibly, it is said while it lasts, and goes on."""
    clock = FakeClock()
    async with sitting(stored_place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
        clock.jump(by)
        assert await passes(talk, clock, 5) == []
        said = await noticed(talk, clock, doubted=True)
        assert "was expected, and is not believed" in said
        assert "All well" not in await talk.say("/status")
        await talk.say("note: one")
        clock.jump(-by)
        assert await noticed(talk, clock, doubted=False) == ""
        assert await passes(talk, clock, 2 * HOUR) == ["Reminder: stretch"]
        assert await passes(talk, clock, HOUR) == []
        for event in await talk.events():
            assert START <= event.at <= START + timedelta(hours=4), event
        kinds = [event.type for event in await talk.events() if event.type.startswith("clock.")]
        assert kinds == ["clock.doubted.v1", "clock.trusted.v1"]


async def test_owners_are_told_though_the_store_fails_just_then(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be queued for them is when the store is well again, once."""
    clock, refused = FakeClock(), 0
    async with sitting(place, Overrides(clock=clock)) as talk:
        app = talk.app
        notices = HeldNotices(app, Register(app.kernel, "telegram", frozenset({"1"})))
        append = app.store.append

        async def full(events: Sequence[NewEvent], **more: Any) -> Appended:  # noqa: ANN401 - passed on
            nonlocal refused
            if not refused and any(one.payload.wire == MessageQueued.wire for one in events):
                refused += 1
                error = StorageError("The disk is full.")
                app.storage.failed(error)
                raise error
            return await append(events, **more)

        monkeypatch.setattr(app.store, "append", full)
        clock.jump(DAY_BACK)
        await until_async(lambda: talk.events(MessageQueued.wire), clock)
        assert refused
        assert len(await talk.events(MessageQueued.wire)) == 1
        await notices.stop()


async def test_a_clock_that_stays_is_the_owners_to_believe(place: Place) -> None:
    """Timers wait, also over a restart; after the go the clock counts and what is due comes."""
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
        clock.jump(timedelta(days=3))
        assert await noticed(talk, clock, doubted=True) != ""
    clock.advance(60)
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert "Clock: it says " in talk.app.said
        assert await passes(talk, clock, 3 * HOUR) == []
        assert "Reminders go on." in await talk.say("/resume")
        await until(lambda: talk.said, clock)
        assert talk.said[0].startswith("Reminder: stretch (was due Mon 02 Nov 12:00, 3 days ago")
        assert await held(talk) == ""
        (trusted,) = await talk.events("clock.trusted.v1")
        assert clock.now() - timedelta(minutes=1) <= trusted.at <= clock.now()
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert "Clock: " not in talk.app.said


async def test_a_machine_that_starts_in_the_past(place: Place) -> None:
    """No battery: held until the network has told the time, then all goes on by itself."""
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
    clock.jump(timedelta(days=-400))
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert "Clock: it says 2025-" in talk.app.said
        await talk.say("note: one")
        clock.jump(timedelta(days=400, hours=1))
        assert await noticed(talk, clock, doubted=False) == ""
        assert "Reminder: stretch" not in talk.said
        clock.advance(HOUR)
        await until(lambda: "Reminder: stretch" in talk.said, clock)
        assert all(event.at >= START for event in await talk.events())


async def test_a_message_confirms_the_clock(place: Place) -> None:
    """A virtual machine slept with its host: the chat app knows what time it is."""
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
        clock.jump(timedelta(hours=8))
        assert await noticed(talk, clock, doubted=True) != ""
        line = Line("terminal", "terminal", "owner", "hello", "m1", sent_at=clock.now())
        await Front(talk.app).take(line)
        assert await noticed(talk, clock, doubted=False) == ""
        await until(lambda: any("Reminder: stretch" in said for said in talk.said), clock)


async def test_a_machine_that_went_on_with_its_last_time(place: Place) -> None:
    """A clock that is kept in a file: eight hours go by unseen, and nobody is asked about them."""
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
    clock = FakeClock(START + timedelta(minutes=1), up=20)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("note: one")
        clock.jump(timedelta(hours=8))
        await until(lambda: any("Reminder: stretch" in said for said in talk.said), clock)
        assert not await talk.events("clock.doubted.v1")


async def test_the_first_start_of_all_in_1970(place: Place) -> None:
    """Nothing is stamped so, and what was set then comes when the network has told the time."""
    clock = FakeClock(datetime(1970, 1, 1, tzinfo=UTC), up=20)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
        assert "1970-01-01" in await noticed(talk, clock, doubted=True)
        clock.jump(START - clock.now())
        assert await noticed(talk, clock, doubted=False) == ""
        await until(lambda: any("Reminder: stretch" in said for said in talk.said), clock)
        assert all(event.at >= PLAUSIBLE for event in await talk.events())


async def test_events_of_the_future_on_the_log(place: Place) -> None:
    """What an earlier wrong reading stamped: asked about, and the clock counts meanwhile."""
    clock = FakeClock(START + YEARS)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("note: one")
    clock.jump(-YEARS)
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert "the newest event of the log is of 2036-" in talk.app.said
        await talk.say("remind me in 2 hours to stretch")
        assert await passes(talk, clock, 3 * HOUR) == []
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert await held(talk) != ""
        await talk.say("/resume")
        await until(lambda: talk.said, clock)
        assert talk.said[0].startswith("Reminder: stretch (was due Mon 02 Nov 12:00, ")


async def test_prompts_are_kept_while_the_clock_is_wrong(place: Place) -> None:
    """A clock ten years ahead at a start erases nothing for its age."""
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("hello")
    clock.jump(YEARS)
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert "Clock: " in talk.app.said
        await passes(talk, clock, 60)
        assert not await talk.events("prompts.expired.v1")


async def test_prompts_are_kept_until_a_machine_was_told_the_time(place: Place) -> None:
    """Its clock may be months ahead until then, and what is erased does not come back."""
    async with sitting(place, Overrides(clock=FakeClock())) as talk:
        await talk.say("hello")
    clock = FakeClock(START + timedelta(days=200), up=20)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await passes(talk, clock, 200)
        assert not await talk.events("prompts.expired.v1")
        await until_async(lambda: talk.events("prompts.expired.v1"), clock)


class SetClock(SystemClock):
    """The machine's clock, as somebody sets it."""

    by = timedelta()

    def now(self) -> datetime:
        """Return the time as it was set."""
        return super().now() + self.by


async def test_the_real_clock_set_and_set_back(place: Place) -> None:
    """With the machine's own measure of the time that passed."""
    clock = SetClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
        clock.by = YEARS
        await talk.say("note: one")
        assert talk.said == ["Added to notes.md: one"] or "stretch" not in str(talk.said[1:])
        clock.by = timedelta()
        before = datetime.now(UTC) + timedelta(seconds=1)
        assert all(event.at < before for event in await talk.events())


async def test_the_real_program_on_a_log_of_tomorrow(program: Program) -> None:
    """The clock was set back by a day while nothing ran: said, held, counted from the log."""
    clock = FakeClock(datetime.now(UTC) + timedelta(days=1))
    async with sitting(program.place, Overrides(clock=clock)) as talk:
        await talk.say("note: one")
        newest = (await talk.events())[-1].at
    said = await asyncio.to_thread(program.chat, "note: two")
    assert "was expected, and is not believed" in said
    assert "Clock: it says " in await asyncio.to_thread(program.ok, "status")
    events = await asyncio.to_thread(program.events)
    assert all(event["at"] >= stamp(newest) for event in events[-5:])
