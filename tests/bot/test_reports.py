"""Reports: the same facts as data and as lines."""

import json

from bot.reports import lists
from bot.reports.policy import policy
from bot.reports.status import status
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.sitting import sitting


async def test_status_counts_what_waits(place: Place) -> None:
    """Cards, goals, to-dos, reminders, the brake, and the events behind it all."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say("add task call Acme")
        await talk.say("remind me tomorrow 9am to write")
        await talk.say("/pause")
        report = await status(talk.app)
        counted = {k: report.data[k] for k in ("open_cards", "open_goals", "todos", "reminders")}
        assert counted == {"open_cards": 1, "open_goals": 1, "todos": 1, "reminders": 1}
        assert report.data["paused"] is True
        assert report.data["events"] == len(await talk.events())
        assert "Paused" in report.text
        assert "1 cards wait for you · 1 goals open · 1 to-dos · 1 reminders" in report.text


async def test_the_inbox_is_in_order_and_says_why(place: Place) -> None:
    """Oldest first, each with what it asks, for which goal, and how to answer."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        assert (await lists.inbox(talk.app)).text == "Nothing waits for you."
        for word in ("one", "two", "three"):
            await talk.say(f"note: {word}")
        report = await lists.inbox(talk.app)
        shown = [view.card for view in talk.surface.shown]
        assert [row["card"] for row in report.data] == shown
        assert report.data[0]["actions"] == ["note.append"]
        assert "note: one" in report.data[0]["why"]
        assert "accept CARD" in report.text


async def test_goals_are_told_with_what_they_wait_for(place: Place) -> None:
    """Open ones first with their cards, then the newest that ended with their outcome."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("hello")
        await talk.say("note: one")
        report = await lists.goals(talk.app)
        assert [(row["state"], row["outcome"]) for row in report.data] == [
            ("waiting", None),
            ("finished", "answered"),
        ]
        assert f"(waits for {talk.card.card})" in report.text


async def test_the_policy_names_the_rule_of_every_action(place: Place) -> None:
    """What the owner set is told as such; every action that is offered has a line."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        report = await policy(talk.app)
        offered = {action.name for action in talk.app.kernel.actions.offered()}
    assert set(report.data["actions"]) == offered
    assert "note.append: note.append set by you: always review" in report.text
    assert report.data["impact"]["high"]["auto"] is None


async def test_agents_show_their_contracts(place: Place) -> None:
    """Role, tier, limits, who may call them and both schemas, as JSON."""
    async with sitting(place) as talk:
        report = await lists.agents(talk.app)
    told = {row["name"]: row for row in json.loads(json.dumps(report.data))}
    assert {"planner", "assistant", "executor"} <= set(told)
    assert told["executor"]["tier"] is None
    assert "text" in told["assistant"]["output"]["properties"]
