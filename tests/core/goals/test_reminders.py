from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.events.personal import ReminderFired, ReminderSet
from core.goals.agenda import RowAgenda
from core.goals.reminding import ago, following
from core.operations.undo import ask_undo
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World

BERLIN = ZoneInfo("Europe/Berlin")


async def remind(world: World, at: str, repeat: str | None = None) -> str:
    """Set a reminder in words; return its id."""
    args = {"text": "stand up", "at": at} | ({"repeat": repeat} if repeat else {})
    await world.say(f"remind {at}", plan(do("a", "reminder.set", **args)))
    return world.events(ReminderSet)[-1].reminder


async def test_a_reminder_fires_once_at_its_time() -> None:
    """A reminder is silent before its time, says its text at it, and is done."""
    world = World()
    await remind(world, "in 2 hours")
    agenda = RowAgenda(world.store)
    due = await agenda.next_due()
    assert due == world.clock.now() + timedelta(hours=2)
    await world.still()
    world.clock.advance(7200)
    assert await agenda.due(world.clock.now()) == [HERE]
    await world.drain(HERE)
    assert world.surface.texts[-1] == "Reminder: stand up"
    assert world.surface.sent[-1].kind == "reminder"
    assert await agenda.next_due() is None
    assert await agenda.due(world.clock.now()) == []
    await world.still()


async def test_a_reminder_that_was_due_while_down_says_so() -> None:
    """After a restart a missed reminder fires once and names the time it was due."""
    world = World(Setup(zone=BERLIN))
    await remind(world, "in 2 hours")
    world.clock.advance(5 * 3600)
    world.restart()
    await world.drain(HERE)
    assert world.surface.texts[-1] == "Reminder: stand up (was due Mon 02 Nov 12:00, 3 h ago)"
    await world.still()


async def test_a_repeating_reminder_keeps_its_wall_clock_over_a_change() -> None:
    """A daily reminder at nine stays at nine when the clocks go back and forward."""
    world = World(Setup(zone=BERLIN))
    world.clock.set(datetime(2026, 10, 23, 12, tzinfo=UTC))
    await remind(world, "2026-10-24 09:00", "FREQ=DAILY")
    fired = []
    for _ in range(3):
        due = await RowAgenda(world.store).next_due()
        assert due is not None
        world.clock.set(due)
        await world.drain(HERE)
        fired.append(due)
    local = [at.astimezone(BERLIN).strftime("%d %H:%M") for at in fired]
    assert local == ["24 09:00", "25 09:00", "26 09:00"]
    assert [at.astimezone(UTC).hour for at in fired] == [7, 8, 8]
    assert world.surface.texts[1:] == ["Reminder: stand up"] * 3


async def test_missed_repeats_fire_once() -> None:
    """A week of missed days is one message, and the next day is on time."""
    world = World()
    await remind(world, "2026-11-02 10:00", "FREQ=DAILY")
    world.clock.advance(7 * 86400)
    world.restart()
    await world.drain(HERE)
    assert len(world.events(ReminderFired)) == 1
    assert "was due Mon 02 Nov 10:00, 6 days ago" in world.surface.texts[-1]
    assert await RowAgenda(world.store).next_due() == datetime(2026, 11, 9, 10, tzinfo=UTC)


async def test_a_rule_that_ends_ends() -> None:
    """A repeat with a count fires that often."""
    world = World()
    await remind(world, "2026-11-02 10:00", "FREQ=DAILY;COUNT=2")
    for _ in range(3):
        world.clock.advance(86400)
        await world.drain(HERE)
    assert len(world.events(ReminderFired)) == 2
    assert [row.state for row in await world.rows("reminders")] == ["fired"]


@pytest.mark.parametrize(
    ("repeat", "problem"),
    [
        ("every day", "is no iCalendar rule"),
        ("FREQ=SOMETIMES", "is no iCalendar rule"),
        ("FREQ=DAILY;UNTIL=20000101T000000", "has no time left"),
    ],
)
async def test_a_rule_that_means_nothing_is_refused(repeat: str, problem: str) -> None:
    """A repeat that is no rule, or has no time left, is one sentence."""
    world = World()
    args = {"text": "x", "at": "in 1 hour", "repeat": repeat}
    (said,) = await world.say("remind", plan(do("a", "reminder.set", **args)))
    assert problem in said


async def test_a_rule_with_an_end_in_utc_is_understood() -> None:
    """UNTIL in UTC, as calendars write it, ends the rule at that moment."""
    world = World(Setup(zone=BERLIN))
    await remind(world, "2026-11-03 09:00", "FREQ=DAILY;UNTIL=20261104T080000Z")
    for _ in range(4):
        world.clock.advance(86400)
        await world.drain(HERE)
    assert len(world.events(ReminderFired)) == 2


@pytest.mark.parametrize("at", ["yesterday", "2026-01-01 10:00", "at some point"])
async def test_a_time_that_cannot_come_is_refused(at: str) -> None:
    """Past times and words that name none are refused before anything is set."""
    world = World()
    await world.say("remind", plan(do("a", "reminder.set", text="x", at=at)))
    assert await world.rows("reminders") == []
    assert world.surface.texts[0].startswith("Failed (reminder.set): ")


async def test_a_first_time_in_the_past_of_a_rule_moves_on() -> None:
    """A repeating reminder whose first time has passed begins with the next one."""
    world = World()
    await remind(world, "2026-11-01 10:00", "FREQ=DAILY")
    assert await RowAgenda(world.store).next_due() == datetime(2026, 11, 2, 10, tzinfo=UTC)


async def test_cancel_and_undo() -> None:
    """A cancelled reminder is silent; undoing the cancellation sets the next time again."""
    world = World()
    reminder = await remind(world, "2026-11-02 10:00", "FREQ=DAILY")
    world.clock.advance(86400)
    await world.drain(HERE)
    for _ in range(2):
        await world.say("cancel", plan(do("a", "reminder.cancel", id=reminder)))
    assert await RowAgenda(world.store).next_due() is None
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide()
    assert world.surface.texts[-1] == f"Reminder {reminder} is set again."
    assert await RowAgenda(world.store).next_due() == datetime(2026, 11, 3, 10, tzinfo=UTC)
    await world.still()
    world.clock.advance(3600)
    await world.drain(HERE)
    assert len(world.events(ReminderFired)) == 2
    await world.still()


async def test_a_reminder_that_is_not_there_cannot_be_cancelled() -> None:
    """An unknown or fired reminder is one sentence."""
    world = World()
    (said,) = await world.say("cancel", plan(do("a", "reminder.cancel", id="RAAAAAA")))
    assert "There is no reminder 'RAAAAAA' that is still due." in said


async def test_undoing_a_reminder_cancels_it() -> None:
    """An undone reminder never fires."""
    world = World()
    await remind(world, "in 2 hours")
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide()
    world.clock.advance(7200)
    await world.drain(HERE)
    assert world.events(ReminderFired) == []


async def test_what_has_rung_cannot_be_undone() -> None:
    """The undo of a reminder that fired says so instead of claiming to cancel it."""
    world = World()
    reminder = await remind(world, "in 2 hours")
    world.clock.advance(7200)
    await world.drain(HERE)
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide()
    told = f"Reminder {reminder} has rung already: there is nothing to cancel."
    assert told in world.surface.texts[-1]
    await world.still()


def test_the_next_time_of_a_rule() -> None:
    """The next time counts from the first one in its own zone; no rule has none."""
    first = datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert following(None, first, first, "", UTC) is None
    after = following("FREQ=WEEKLY;BYDAY=MO,TH", first, first, "Europe/Berlin", UTC)
    assert after == datetime(2026, 11, 5, 10, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (179, "2 h"), (2879, "47 h"), (2880, "2 days")],
)
def test_spans_are_said_shortly(minutes: int, said: str) -> None:
    """Minutes, then hours, then days."""
    assert ago(timedelta(minutes=minutes)) == said
