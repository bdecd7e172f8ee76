"""The owner's hands on the wheel: pause, resume, stop, always, and being asked once."""

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.plans import does, plan
from tests.scenarios.sitting import sitting


async def test_a_pause_makes_everything_with_an_effect_a_question(stored_place: Place) -> None:
    """Also what ran by itself before; `/resume` ends it, and reads go on meanwhile."""
    async with sitting(stored_place) as talk:
        await talk.say("note: before")
        assert talk.surface.shown == []
        assert (await talk.say("/pause")).startswith("Paused")
        assert "Paused" in await talk.say("/status")
        await talk.say("note: meanwhile")
        assert "paused" in talk.card.items[0].ruling.reasons[0]
        assert await talk.say("what is Bob's email?")
        await talk.say("/resume")
        assert "Paused" not in await talk.say("/status")
        await talk.say("note: after")
        assert stored_place.note().read_text("utf-8") == "before\nafter\n"
        await talk.say("accept")
    assert stored_place.note().read_text("utf-8") == "before\nafter\nmeanwhile\n"


async def test_stop_ends_goals_and_expires_their_cards(place: Place) -> None:
    """A card of a goal that was stopped cannot be accepted any more, and nobody said no."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        first = talk.card
        await talk.say("note: two")
        second = talk.card
        assert f"Stopped {first.goal} note: one" in await talk.say(f"/stop {first.goal}")
        late = await talk.say(f"accept {first.card}")
        why = f"{first.goal} was stopped; ask again to start over"
        assert late == f"Card {first.card} has expired: {why}."
        assert "note: two" in await talk.say("/stop")
        assert await talk.say("/stop") == "Nothing is open here."
        expired = [event.payload["card"] for event in await talk.events("card.expired.v1")]
        assert expired == [first.card, second.card]
        assert not await talk.events("card.decided.v1")
    assert not place.note().exists()


async def test_always_grants_what_the_card_showed_and_no_more(place: Place) -> None:
    """The next equal use runs by itself, another file is asked, a revoked grant is over."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        assert "/grants lists it" in await talk.say("always")
        await talk.say("note: two")
        assert place.note().read_text("utf-8") == "one\ntwo\n"
        assert len(talk.surface.shown) == 1
        listed = await talk.say("/grants")
        assert "note.append  (used 1)\n    only file: notes.md\n" in listed
        grant = listed.split()[0]
        await talk.say("add an idea to ideas.md")
        assert len(talk.surface.shown) == 2
        await talk.say("reject")
        assert "is asked again" in await talk.say(f"/grants revoke {grant}")
        assert await talk.say("/grants") == "No grants: everything that must be asked is asked."
        await talk.say("note: three")
        assert len(talk.surface.shown) == 3
    assert place.note().read_text("utf-8") == "one\ntwo\n"


async def test_a_limited_grant_is_listed_with_its_limits_and_runs_out(stored_place: Place) -> None:
    """After its two uses the next note is asked again; limits that mean nothing are refused."""
    stored_place.configure(**ASK_FOR_NOTES)
    async with sitting(stored_place) as talk:
        await talk.say("note: one")
        assert "I do not understand the limits" in await talk.say("always up to $5 a day")
        assert "/grants lists it" in await talk.say("always twice, up to $5, until 2999-12-31")
        await talk.say("note: two")
        assert "(used 1 of 2, $0.00 of $5.00, until 3000-01-01 00:00)" in await talk.say("/grants")
        await talk.say("note: three")
        assert len(talk.surface.shown) == 1
        await talk.say("note: four")
        assert len(talk.surface.shown) == 2
    assert stored_place.note().read_text("utf-8") == "one\ntwo\nthree\n"


async def test_equal_questions_of_two_messages_are_asked_once(stored_place: Place) -> None:
    """One card, one answer, one effect; both messages are told what came of it."""
    stored_place.configure(**ASK_FOR_NOTES)
    async with sitting(stored_place) as talk:
        await talk.say("note: buy milk")
        await talk.say("note: buy milk")
        assert len(talk.surface.shown) == 1
        said = await talk.say("accept")
        assert said.count("Added to notes.md") == 2
        assert "asked once" in said
        assert len(await talk.events("operation.started.v1")) == 1
        outcomes = [e.payload["outcome"] for e in await talk.events("goal.finished.v1")]
        assert outcomes == ["done", "done"]
    assert stored_place.note().read_text("utf-8") == "buy milk\n"


async def test_several_questions_of_a_goal_are_one_card(place: Place) -> None:
    """One list, one answer; each item can be edited by its number."""
    place.configure(**ASK_FOR_NOTES)
    notes = [does(f"t{n}", "note.append", {"text": f"line {n}"}) for n in (1, 2, 3)]
    async with sitting(place, Overrides(model=ScriptedModel([plan(*notes)]))) as talk:
        await talk.say("three notes")
        assert len(talk.surface.shown) == 1
        assert talk.card.title == "3 decisions: “three notes”"
        await talk.say("edit 2.text=changed")
    assert sorted(place.note().read_text("utf-8").split("\n")) == [
        *("", "changed", "line 1", "line 3")
    ]


async def test_a_card_waits_over_a_restart(place: Place) -> None:
    """It is still open, is shown to the new process, and works."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: later")
        card = talk.card.card
    async with sitting(place) as talk:
        assert card in await talk.say("/inbox")
        await talk.say(f"accept {card}")
    assert place.note().read_text("utf-8") == "later\n"
