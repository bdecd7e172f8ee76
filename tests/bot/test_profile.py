"""The profile in the running application: `/profile`, cards, and what it changes at once."""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.model import ScriptedModel, called
from bot.app import Overrides, build_app
from bot.config import ConfigError
from bot.front import Front, Line
from core.ports.model import ModelAnswer
from tests.core.support.plans import result
from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan, writes
from tests.scenarios.sitting import Sitting, sitting

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
SMTP = {"smtp": {"host": "127.0.0.1", "port": 1, "from": "ada@acme.example"}}


async def test_the_owner_writes_the_profile(place: Place) -> None:
    """Set, add, remove, clear, look back and roll back, in words."""
    async with sitting(place) as talk:
        assert "as configured" in await talk.say("/profile")
        assert await talk.say('/profile name "Ada  Lovelace"') == (
            "Profile, version 1:\nname: (empty) → Ada  Lovelace"
        )
        assert "nothing was changed" in await talk.say("/profile set name Ada  Lovelace")
        await talk.say("/profile add clients Globex: pays late <bob@globex.example>")
        assert await talk.say("/profile clients") == (
            "clients:\n  1. Globex: pays late <bob@globex.example>"
        )
        await talk.say("/profile voice plain\n  and “brief”")
        assert talk.app.profiles.live.current.voice == "plain\n  and “brief”"
        await talk.say("/profile remove clients 1")
        assert await talk.say("/profile diff 2") == (
            "Version 2 → version 4\nvoice: (empty) → plain /   and “brief”\n"
            "clients: - Globex: pays late <bob@globex.example>"
        )
        assert "version 5" in await talk.say("/profile rollback v2")
        assert "Globex" in await talk.say("/profile")
        assert "version 6" in await talk.say("/profile clear clients")
        history = await talk.say("/profile history")
        assert [line[0] for line in history.splitlines() if line[0] != " "] == list("6543210")
        assert "back to version 2" in history


async def test_bad_uses_are_told(place: Place) -> None:
    """Each with what to write instead; nothing is appended."""
    async with sitting(place) as talk:
        for line, told in {
            "/profile nmae x": "did you mean name?",
            "/profile set": "there are: name, company",
            "/profile add roles": "Write /profile add LIST VALUE",
            "/profile add name x": "name is no list",
            "/profile clear": "Say which field",
            "/profile diff 1 2 3": "Write /profile diff",
            "/profile diff x": "'x' is no version",
            "/profile rollback": "'' is no version",
            "/profile rollback 3": "there are 0 to 0",
        }.items():
            assert told in await talk.say(line)
        assert not await talk.events("profile.changed.v1")


async def test_a_line_that_is_sent_twice_changes_once(place: Place) -> None:
    """By its key, whatever the second would mean by then."""
    async with build_app(place.config()) as app:
        front = Front(app)
        first = Line("terminal", "terminal", "owner", "/profile roles a; b; c", "k1")
        second = Line("terminal", "terminal", "owner", "/profile remove roles 1", "k2")
        for line in (first, second, second, first):
            await front.take(line)
        assert app.profiles.live.current.roles == ("b", "c")
        assert app.profiles.live.version == 2


async def test_a_new_zone_counts_at_once(place: Place) -> None:
    """For words of time, for the prompt, for the ledger's day, and after a restart."""
    clock = FakeClock(NOW)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me at 9am to call Acme")
        await talk.say("/profile timezone America/Los_Angeles")
        await talk.say("remind me at 9am to call Bob")
        set_ = [event.payload for event in await talk.events("reminder.set.v1")]
        zones = ["Europe/Berlin", "America/Los_Angeles"]
        assert [reminder["timezone"] for reminder in set_] == zones
        assert set_[0]["at"].startswith("2026-11-23T09:00:00+01:00")
        at = datetime.fromisoformat(set_[1]["at"])
        assert at == datetime(2026, 11, 23, 17, tzinfo=UTC)
        assert "It is 21:00" in await talk.say("what time is it?")
        assert talk.app.kernel.ledger.today() == "2026-11-22"
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert "It is 21:00" in await talk.say("what time is it?")


async def test_a_permission_ends_in_the_zone_of_the_moment(place: Place) -> None:
    """A day that a permission lasts until is a day of the owner's zone."""
    clock = FakeClock(NOW)
    model = ScriptedModel()
    async with sitting(place, Overrides(clock=clock, model=model)) as talk:
        await talk.say("/profile timezone Asia/Tokyo")
        model.then(change("Globex"))
        await talk.say("change it")
        assert "Granted" in await talk.say("always until 2026-12-31")
        (granted,) = await talk.events("grant.given.v1")
        ends = datetime.fromisoformat(granted.payload["expires_at"])
        assert ends == datetime(2026, 12, 31, 15, tzinfo=UTC)


async def test_a_name_that_no_profile_holds_is_refused_at_start(place: Place) -> None:
    """With the key and what is allowed."""
    place.configure(profile={"name": "x" * 301})
    with pytest.raises(ConfigError, match=r"profile\.name: .* at most 300 characters"):
        async with build_app(place.config()):
            pass


async def test_another_process_hears_of_a_change(place: Place) -> None:
    """Without a restart, as soon as the log tells it."""
    async with build_app(place.config()) as app, build_app(place.config(), lead=False) as other:
        await Sitting(other).hand_in("/profile company Globex")
        for _ in range(200):
            if app.profiles.live.company:
                break
            await asyncio.sleep(0.05)
        assert app.kernel.recall.owner == "Globex"


def change(value: object, mode: str = "set", field: str = "company") -> ModelAnswer:
    """Return a plan that proposes a change."""
    return plan(does("t1", "profile.change", {"field": field, "value": value, "mode": mode}))


async def test_an_agents_proposal_is_a_card_with_old_and_new(place: Place) -> None:
    """Accepted it is a version of its goal; undone, a version that equals the one before."""
    model = ScriptedModel()
    async with sitting(place, Overrides(model=model)) as talk:
        await talk.say("/profile company Acme")
        model.then(change("Globex"))
        await talk.say("we are called Globex now")
        item = talk.card.items[0]
        assert (item.title.text, item.body.text) == (
            "Change your profile: company",
            "company: Acme → Globex",
        )
        assert (item.undo, item.ruling.impact) == ("roll back", "high")
        assert talk.app.profiles.live.company == "Acme"
        assert "company: Acme → Globex" in await talk.say("accept")
        changed = (await talk.events("profile.changed.v1"))[-1]
        assert changed.goal == talk.card.goal
        await talk.say("/undo")
        await talk.say("accept")
        assert talk.app.profiles.live.company == "Acme"
        undone = (await talk.events("profile.changed.v1"))[-1].payload
        assert (undone["version"], undone["rolled_back_to"]) == (3, 1)


async def test_an_undo_leaves_later_changes_alone(place: Place) -> None:
    """Of other fields; where this very field changed since, it is refused."""
    model = ScriptedModel()
    async with sitting(place, Overrides(model=model)) as talk:
        model.then(change("Globex"))
        await talk.say("change it")
        await talk.say("accept")
        await talk.say("/profile name Ada")
        await talk.say("/undo")
        await talk.say("accept")
        live = talk.app.profiles.live
        assert (live.name, live.company, live.version) == ("Ada", "", 3)
        model.then(change("Initech"))
        await talk.say("change it again")
        await talk.say("accept")
        await talk.say("/profile company Mine")
        await talk.say("/undo")
        assert "changed again since" in await talk.say("accept")
        assert live.company == "Mine"


async def test_a_permission_is_for_one_field(place: Place) -> None:
    """`always` lets the next proposal for the same field through, and no other."""
    model = ScriptedModel()
    async with sitting(place, Overrides(model=model)) as talk:
        model.then(change("tea", "add", "preferences"))
        await talk.say("I like tea")
        await talk.say("always")
        model.then(change("cake", "add", "preferences"))
        await talk.say("and cake")
        assert talk.app.profiles.live.current.preferences == ("tea", "cake")
        model.then(change("Globex"))
        await talk.say("we are Globex")
        assert talk.app.profiles.live.company == ""
        assert talk.card.state == "open"


async def test_a_value_that_cannot_be_is_refused_before_a_card(place: Place) -> None:
    """Nobody is asked about a zone that is none."""
    model = ScriptedModel()
    async with sitting(place, Overrides(model=model)) as talk:
        model.then(change("Mars", field="timezone"), "Which zone?")
        await talk.say("I moved to Mars")
        assert talk.surface.shown == []


async def test_voice_and_brand_rules_reach_those_who_write_and_review(place: Place) -> None:
    """The assistant is told the voice, the reviewer the rules; a banned phrase needs no model."""
    place.configure(actions={"mail": SMTP})
    model = ScriptedModel()
    async with sitting(place, Overrides(model=model)) as talk:
        await talk.say("/profile voice warm\nand short")
        await talk.say('/profile brand_rules never say "cheap"; be kind to Bob')
        send = does(
            "t2", "mail.send", {"to": ["bob@acme.com"], "subject": "x", "body": "{{ t1.text }}"}
        )
        verdict = called("submit_result", {"verdict": "pass", "reasons": []})
        model.then(
            plan(writes("t1", "Write to Bob", {}), send),
            result("It is cheap."),
        )
        model.then(result("It is good."), verdict)
        await talk.say("mail bob@acme.com")
        agents = [request.agent for request in model.requests]
        assert agents == ["planner", "assistant", "assistant", "reviewer"]
        writer = model.requests[1].messages[0].content
        assert writer.endswith("The owner's voice: warm and short")
        assert "the phrase 'cheap' is banned" in model.requests[2].messages[1].content
        assert "- be kind to Bob" in model.requests[3].messages[1].content
        assert "voice warm and short" in model.requests[0].messages[1].content
