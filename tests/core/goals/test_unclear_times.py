"""Times that may be meant in two ways: nothing is set, the owner is asked, and a tap sets it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events.personal import ReminderSet, TodoAdded
from core.goals.unclear_times import set_meant
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World

BERLIN = ZoneInfo("Europe/Berlin")
OWNER = "owner"


def words(line: str) -> tuple[str, ...]:
    """Return the words of a choice's line behind the command."""
    return tuple(line.split()[1:])


async def asked(at: str, **more: str) -> World:
    """Ask for a reminder at a time that is not clear."""
    world = World(Setup(zone=BERLIN))
    await world.say(
        f"remind me {at} to pay", plan(do("a", "reminder.set", text="pay", at=at, **more))
    )
    return world


async def test_two_readings_are_asked_with_buttons() -> None:
    """`3/4` sets nothing: the question names both days, and each is a button."""
    world = await asked("3/4 at 10")
    assert world.events(ReminderSet) == []
    question = world.surface.sent[-1]
    assert question.text == (
        "'3/4 at 10' can mean Sat 03 Apr 2027 10:00 or Thu 04 Mar 2027 10:00: say which."
    )
    assert question.kind == "reply"
    assert [one.label for one in question.choices] == [
        "Sat 03 Apr 2027 10:00",
        "Thu 04 Mar 2027 10:00",
    ]


async def test_a_tap_sets_the_time_that_was_meant() -> None:
    """A tap does what was asked, with that time; the second tap on the question does nothing."""
    world = await asked("3/4 at 10")
    first, second = world.surface.sent[-1].choices
    await set_meant(world.kernel, HERE, words(second.line), OWNER)
    await world.drain(HERE)
    (reminder,) = world.events(ReminderSet)
    assert reminder.at == datetime(2027, 3, 4, 9, tzinfo=UTC)
    assert "Thu 04 Mar 2027 10:00: pay" in world.surface.texts[-1]
    await set_meant(world.kernel, HERE, words(first.line), OWNER)
    await world.drain(HERE)
    assert len(world.events(ReminderSet)) == 1


async def test_two_repetitions_are_asked_with_buttons() -> None:
    """`every 2nd friday` is every other one or the second of the month; a tap brings its rule."""
    world = await asked("every 2nd friday at 9")
    assert world.events(ReminderSet) == []
    choices = world.surface.sent[-1].choices
    await set_meant(world.kernel, HERE, words(choices[1].line), OWNER)
    await world.drain(HERE)
    (reminder,) = world.events(ReminderSet)
    assert reminder.repeat == "FREQ=MONTHLY;BYDAY=2FR"


async def test_the_planner_does_not_choose_for_the_owner() -> None:
    """A plan that fails for an unclear time is not made again: no further model call."""
    world = await asked("friday at midnight")
    assert len(world.model.requests) == 1
    assert len(world.surface.sent[-1].choices) == 2


async def test_a_to_do_is_asked_about_too() -> None:
    """A due day that is not clear is a question; its tap adds the to-do."""
    world = World(Setup(zone=BERLIN))
    await world.say("add a task", plan(do("a", "task.add", title="Pay", due="3/4")))
    assert world.events(TodoAdded) == []
    line = world.surface.sent[-1].choices[0].line
    await set_meant(world.kernel, HERE, words(line), OWNER)
    await world.drain(HERE)
    (added,) = world.events(TodoAdded)
    assert added.due == "2027-04-03T09:00+02:00"


async def test_a_tap_from_elsewhere_or_too_late_sets_nothing() -> None:
    """Another conversation, another number and a time that has passed are refused."""
    world = await asked("3/4 at 10")
    goal, task, _, stamp = words(world.surface.sent[-1].choices[0].line)
    for given in ((goal, task, "3", stamp), (goal, "b", "1", stamp), ("G99", task, "1", stamp), ()):
        with pytest.raises(UnknownThingError):
            await set_meant(world.kernel, HERE, given, OWNER)
    with pytest.raises(UnknownThingError):
        await set_meant(world.kernel, "memory:2", (goal, task, "1", stamp), OWNER)
    world.clock.set(datetime(2027, 6, 1, tzinfo=UTC))
    with pytest.raises(BadInputError):
        await set_meant(world.kernel, HERE, (goal, task, "1", stamp), OWNER)
    assert world.events(ReminderSet) == []


async def test_words_in_an_argument_repeat_as_they_say() -> None:
    """A model that puts the words into `at` loses no repetition and no zone."""
    world = await asked("every last friday of the month at 9")
    (reminder,) = world.events(ReminderSet)
    assert (reminder.at, reminder.repeat) == (
        datetime(2026, 11, 27, 8, tzinfo=UTC),
        "FREQ=MONTHLY;BYDAY=-1FR",
    )
    world = await asked("2026-12-01 09:00 UTC")
    assert world.events(ReminderSet)[0].at == datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "args",
    [
        {"at": "in 5"},
        {"at": "every monday at 9", "repeat": "FREQ=DAILY"},
        {"at": "every day at 9am new york time"},
        {"at": "monday or tuesday"},
    ],
)
async def test_what_is_not_clear_in_an_argument_sets_nothing(args: dict[str, str]) -> None:
    """Words of a model that are not understood whole, or contradict each other, set nothing."""
    world = await asked(**args)
    assert world.events(ReminderSet) == []
    assert world.surface.texts[-1]


async def test_a_to_do_that_comes_again_is_refused() -> None:
    """A to-do is done once: its repetition is not dropped in silence."""
    world = World(Setup(zone=BERLIN))
    await world.say("add a task", plan(do("a", "task.add", title="Pay", due="every monday")))
    assert world.events(TodoAdded) == []
    assert "does not come again" in world.surface.texts[-1]
