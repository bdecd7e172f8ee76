"""The slash commands: what `/help` lists is what works."""

import re
from decimal import Decimal

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from bot.commands.catalog import build_commands
from bot.front import Front
from bot.reports.cost import cost
from bot.terminal import TerminalDesk
from core.ports.charts import Spending
from core.ports.model import ModelAnswer
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.sitting import sitting

FOUNDATION = {"start", "help", "status", "inbox", "goals", "stop", "why", "undo", "policy"} | {
    "grants",
    "agents",
    "pause",
    "resume",
}


async def test_help_lists_exactly_the_registered_commands(place: Place) -> None:
    """Each once, with its words; nothing that does not work, and all that must."""
    async with sitting(place) as talk:
        listed = re.findall(r"^/(\w+)", await talk.say("/help"), re.MULTILINE)
    registered = [command.name for command in build_commands().all()]
    assert listed == registered
    assert len(set(listed)) == len(listed)
    assert set(listed) >= FOUNDATION


async def test_every_command_that_is_listed_works(place: Place) -> None:
    """Bare, in an empty place and again after some work, each answers and none breaks."""
    place.configure(**ASK_FOR_NOTES)
    names = [command.name for command in build_commands().all()]
    async with sitting(place) as talk:
        empty = {name: await talk.say(f"/{name}") for name in names}
        await talk.say("/resume")
        await talk.say("note: one")
        await talk.say("accept")
        busy = {name: await talk.say(f"/{name}") for name in names}
        assert talk.card.kind == "undo"
    assert all(empty.values())
    assert [name for name in names if not busy[name]] == ["undo"]
    for said in (*empty.values(), *busy.values()):
        assert "inside Equerry" not in said
        assert "Traceback" not in said


async def test_commands_are_read_leniently(place: Place) -> None:
    """Case and spaces do not matter, and a bare slash is a call for help."""
    async with sitting(place) as talk:
        assert await talk.say("/STATUS  ") == await talk.say("/status")
        assert await talk.say("/") == await talk.say("/help")


async def test_stop_names_what_it_stopped(place: Place) -> None:
    """One given goal, in any case of letters; then all that is open here."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        goal = str(talk.card.goal)
        assert await talk.say(f"/stop {goal.lower()}") == f"Stopped {goal} note: one"
        assert await talk.say("/stop") == "Nothing is open here."


async def test_start_says_what_this_is(place: Place) -> None:
    """That no model is configured, how to set one, and how things stand."""
    async with sitting(place) as talk:
        said = await talk.say("/start")
    assert "I am Equerry." in said
    assert "llm.tiers.balanced.model" in said
    assert "All well." in said


async def test_the_terminal_shows_the_words_of_a_picture_and_draws_none(place: Place) -> None:
    """`/cost` there is the report, whole and alone; nothing is drawn for nobody."""

    class NeverDrawn:
        async def spending(self, _spending: Spending) -> bytes:
            raise AssertionError

    answer = ModelAnswer(text="Fine.", usd=Decimal("0.25"), model="m")
    model = ScriptedModel(lambda _: answer, most=Decimal("0.40"))
    async with sitting(place, Overrides(model=model)) as talk:
        talk.app.charts = NeverDrawn()
        await talk.say("hello")
        desk = TerminalDesk(talk.app, Front(talk.app))
        assert list(await desk.submit("/cost", "c1")) == [(await cost(talk.app)).text]
        assert "Today $0.25" in await talk.say("/cost")
