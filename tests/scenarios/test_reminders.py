"""Reminders: at their time, after a restart, and when they were due while nothing ran."""

from datetime import UTC, datetime

from adapters.inmemory.clock import FakeClock
from bot.app import Overrides
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR = 3600


async def passes(talk: Sitting, clock: FakeClock, seconds: float) -> list[str]:
    """Let time pass and return what was said meanwhile."""
    before = len(talk.said)
    clock.advance(seconds)
    await talk.app.engine.idle()
    return talk.said[before:]


async def test_a_reminder_fires_at_its_time_and_once(stored_place: Place) -> None:
    """Not before, at the minute, and never again."""
    clock = FakeClock(NOW)
    async with sitting(stored_place, Overrides(clock=clock)) as talk:
        assert "10:30" in await talk.say("remind me at 10:30 to call Acme")
        assert await passes(talk, clock, HOUR) == []
        assert await passes(talk, clock, HOUR / 2) == ["Reminder: call Acme"]
        assert await passes(talk, clock, 24 * HOUR) == []
        (fired,) = await talk.events("reminder.fired.v1")
        assert fired.payload["at"].startswith("2026-11-23T09:30:00")


async def test_a_reminder_survives_a_restart(place: Place) -> None:
    """It is a row, not a sleeping task: another process fires it."""
    clock = FakeClock(NOW)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert await passes(talk, clock, 2 * HOUR) == ["Reminder: stretch"]


async def test_a_reminder_due_while_nothing_ran_is_late_but_not_lost(place: Place) -> None:
    """It comes at the next start and says when it was due."""
    clock = FakeClock(NOW)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
    clock.advance(5 * HOUR)
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert talk.said == ["Reminder: stretch (was due Mon 23 Nov 11:00, 3 h ago)"]


async def test_a_repeating_reminder_comes_again(place: Place) -> None:
    """Each day at nine in the owner's zone, also over the days nothing ran."""
    clock = FakeClock(NOW)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me every day at 10am to write")
        assert await passes(talk, clock, HOUR) == ["Reminder: write"]
        assert await passes(talk, clock, 24 * HOUR) == ["Reminder: write"]
    clock.advance(72 * HOUR)
    async with sitting(place, Overrides(clock=clock)) as talk:
        (late,) = talk.said
        assert late.startswith("Reminder: write (was due ")
        assert await passes(talk, clock, 24 * HOUR) == ["Reminder: write"]


async def test_an_undone_reminder_does_not_come(place: Place) -> None:
    """Undo cancels it."""
    clock = FakeClock(NOW)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
        await talk.say("/undo")
        await talk.say("accept")
        assert await passes(talk, clock, 3 * HOUR) == []


def test_a_reminder_fires_in_the_running_program(program: Program) -> None:
    """In real time, while the chat waits for the next line, which comes after it."""
    with program.start("chat") as chat:
        assert chat.stdin
        assert chat.stdout
        chat.stdin.write("remind me in 5 seconds to stretch\n")
        chat.stdin.flush()
        for line in chat.stdout:
            if line == "Reminder: stretch\n":
                break
        chat.stdin.write("hello\n")
        chat.stdin.close()
        assert "> hello\n" in chat.stdout.readlines()
    assert chat.returncode == 0
