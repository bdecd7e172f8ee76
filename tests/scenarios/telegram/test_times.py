"""Times in words on Telegram: what may mean two times is asked with a button for each."""

from tests.scenarios.telegram.phone import EVE, Phone


async def test_a_day_in_numbers_is_asked_and_a_tap_sets_it(phone: Phone) -> None:
    """`1/2` sets nothing until its owner taps a day; the tap sets that one, once."""
    async with phone.running():
        await phone.pair()
        asked = await phone.say("remind me 1/2/2090 at 10 to pay rent", "can mean")
        labels = [label for row in asked.buttons for label in row]
        assert labels == ["Wed 01 Feb 2090 10:00", "Mon 02 Jan 2090 10:00"]
        assert not await phone.events("reminder.set.v1")
        stranger = await phone.server.user(EVE, "Eve").tap_async(asked, labels[1])
        assert stranger.answer == "Only the owner decides here."
        tap = await phone.owner.tap_async(asked, labels[1])
        said = await phone.chat.wait_async("I will remind you", after=asked.id)
        assert "Mon 02 Jan 2090 10:00: pay rent" in said.text
        phone.server.repeat_update(tap.update)
        await phone.owner.tap_async(asked, labels[0])
        await phone.say("/status", "1 reminders")
        assert len(await phone.events("reminder.set.v1")) == 1


async def test_a_second_time_in_a_sentence_is_a_button_too(phone: Phone) -> None:
    """Two times are no guess: both are offered, and a tap sets the one with all of the words."""
    async with phone.running():
        await phone.pair()
        line = "remind me on 1 feb 2090 to send the report on 3 feb 2090"
        asked = await phone.say(line, "can mean")
        labels = [label for row in asked.buttons for label in row]
        assert labels == ["Wed 01 Feb 2090 09:00", "Fri 03 Feb 2090 09:00"]
        assert not await phone.events("reminder.set.v1")
        await phone.owner.tap_async(asked, labels[0])
        said = await phone.chat.wait_async("I will remind you", after=asked.id)
        assert "Wed 01 Feb 2090 09:00: send the report on 3 feb 2090" in said.text


async def test_an_hour_beside_a_day_is_offered_on_that_day(phone: Phone) -> None:
    """`at 4` may be when the owner is reminded, or a part of what he is reminded of."""
    async with phone.running():
        await phone.pair()
        line = "remind me on 1 feb 2090 to call Bob at 4 about the car"
        asked = await phone.say(line, "can mean")
        labels = [label for row in asked.buttons for label in row]
        assert labels == ["Wed 01 Feb 2090 09:00", "Wed 01 Feb 2090 16:00"]


async def test_words_of_time_that_are_left_over_set_nothing(phone: Phone) -> None:
    """Where one is no time, both are named, with a line to be sent that has one of them."""
    async with phone.running():
        await phone.pair()
        said = await phone.say("remind me on 1 feb 2090 to call Bob soon", "not sure")
        assert "“soon”" in said.text
        line = said.text.partition("like: ")[2]
        assert line == 'remind me on 1 feb 2090 to "call Bob soon"'
        assert not await phone.events("reminder.set.v1")
        await phone.say(line, "Wed 01 Feb 2090 09:00: call Bob soon")
        todo = await phone.say("add a task: call Bob soon", "I do not understand the time")
        line = todo.text.partition("like: ")[2]
        assert line == 'add task "call Bob" by friday 9am'
        await phone.say(line, "Call Bob (due Fri")


async def test_a_rule_that_is_set_is_said_in_words(phone: Phone) -> None:
    """Nobody reads iCalendar: not when it is set, not in the list, not on a button."""
    async with phone.running():
        await phone.pair()
        line = "remind me on the last friday of every month at 9 to pay salaries"
        said = await phone.say(line, "I will remind you")
        assert "then on the last Friday of every month: pay salaries" in said.text
        listed = await phone.say("list my reminders", "Your reminders")
        assert ", on the last Friday of every month: pay salaries" in listed.text
        asked = await phone.say("remind me every 2nd friday to pay rent", "can mean")
        labels = [label for row in asked.buttons for label in row]
        assert labels == ["every 2 weeks on Friday", "on the second Friday of every month"]
