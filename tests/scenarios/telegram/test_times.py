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


async def test_words_of_time_that_are_left_over_set_nothing(phone: Phone) -> None:
    """A second time in the sentence is no guess: it is named and asked about."""
    async with phone.running():
        await phone.pair()
        said = await phone.say("remind me tomorrow to call Bob at 4 about the car", "not sure")
        assert "“at 4”" in said.text
        assert not await phone.events("reminder.set.v1")
