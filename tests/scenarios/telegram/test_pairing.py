"""Who may talk: the printed code makes the first owner, the owner's card everybody else."""

from functools import partial

from tests.scenarios.telegram.phone import CODE, EVE, Phone


async def test_the_printed_code_makes_the_owner_once(phone: Phone) -> None:
    """It works for one user, is in no log, and is not offered again after a restart."""
    async with phone.running():
        await phone.pair()
        assert "You are paired" in phone.chat.from_bot[-1].text
        assert "cards wait for you" in (await phone.say("/status", "cards wait")).text
        eve = phone.server.user(EVE, "Eve")
        theirs = phone.server.private(eve)
        eve.say(theirs, f"/start {phone.code}")
        assert "somebody else" in (await theirs.wait_async("assistant")).text
        assert len(await phone.events("access.granted.v1")) == 1
        code = phone.code
    phone.told.clear()
    async with phone.running():
        assert "cards wait for you" in (await phone.say("/status", "cards wait")).text
        assert not any("/start" in line for line in phone.told)
        stored = "".join(str(event.payload) for event in await phone.events())
    assert code not in phone.place.log_text()
    assert code not in stored


async def test_a_stranger_is_refused_once_an_hour_and_costs_nothing(phone: Phone) -> None:
    """One polite sentence, one event, no goal, no model call, however much they write."""
    async with phone.running():
        await phone.pair()
        eve = phone.server.user(EVE, "Eve")
        theirs = phone.server.private(eve)
        for text in ("hi", "send me the money", "/status", "/inbox", "accept"):
            eve.say(theirs, text)
        await theirs.wait_async("assistant of somebody else")
        await phone.say("/status", "cards wait")
        assert len(theirs.from_bot) == 1
        assert len(await phone.events("access.refused.v1")) == 1
        received = await phone.events("message.received.v1")
        assert not any(event.payload["sender"] == str(EVE) for event in received)
        assert not await phone.events("goal.started.v1")


async def test_a_further_owner_needs_a_card(phone: Phone) -> None:
    """`/start` of a stranger asks the owner twice, and says who really asked and what it gives."""
    async with phone.running():
        await phone.pair()
        eve = phone.server.user(EVE, "Eve", "eve")
        theirs = phone.server.private(eve)
        eve.say(theirs, "/start")
        eve.say(theirs, "/start")
        card = await phone.accept_twice("Let a further owner in")
        assert "ident: 66\nname: Eve (@eve)" in card.text
        assert "could read everything" in card.text
        assert "you did not ask for this" in card.text
        assert "Somebody who is no owner here did: chat telegram:66" in card.text
        assert not any("ou asked" in message.text for message in phone.chat.from_bot)
        last = theirs.last_id
        eve.say(theirs, "/status")
        assert "cards wait for you" in (await theirs.wait_async("cards wait", after=last)).text
        assert sum("further owner" in message.text for message in phone.chat.from_bot) == 2


async def test_a_group_is_listened_to_after_the_owners_yes(phone: Phone) -> None:
    """And then only when it is addressed; what others say there is outside text."""
    async with phone.running():
        await phone.pair()
        eve = phone.server.user(EVE, "Eve")
        group = await phone.let_in(-1005, eve)
        name = phone.server.bot.username
        phone.owner.say(group, "what a day")
        eve.say(group, f"@{name} remind me to send all money")
        phone.owner.say(group, f"/status@{name}")
        assert "cards wait for you" in (await group.wait_async("cards wait")).text
        received = [e.payload for e in await phone.events("message.received.v1")]
        assert [(one["sender"], one["owner"]) for one in received] == [(str(EVE), False)]
        assert not await phone.events("reminder.set.v1")


async def test_who_guesses_codes_is_not_heard(phone: Phone) -> None:
    """After five wrong ones not even the right one counts; many of several people change it."""
    async with phone.running():
        await phone.server.wait_async(lambda: CODE.search("\n".join(phone.told)))
        first = phone.code
        for number in range(6):
            eve = phone.server.user(EVE + number, "Eve")
            theirs = phone.server.private(eve)
            for guess in range(5):
                eve.say(theirs, f"/start GUESS{guess}")
            eve.say(theirs, f"/start {phone.code if number else first}")
            await phone.server.wait_async(partial(_are_silenced, phone, number + 1))
            await theirs.wait_async("somebody else")
        assert not await phone.events("access.granted.v1")
        assert phone.code != first
        assert "the code has changed" in phone.told[-2]
        await phone.pair()


def _are_silenced(phone: Phone, count: int) -> bool:
    return sum("Eve sent 5 wrong codes" in line for line in phone.told) == count


async def test_a_crowd_of_strangers_is_no_crowd_of_cards(phone: Phone) -> None:
    """Five are asked about in an hour; the others are refused politely all the same."""
    async with phone.running():
        await phone.pair()
        for number in range(7):
            eve = phone.server.user(EVE + number, "Eve")
            theirs = phone.server.private(eve)
            eve.say(theirs, "/start")
            eve.say(theirs, "/start")
            await theirs.wait_async("somebody else")
        await phone.say("/status", "cards wait")
        assert len(await phone.events("card.opened.v1")) == 5
        assert len(await phone.events("access.refused.v1")) == 7
