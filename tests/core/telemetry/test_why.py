import pytest

from core.domain.errors import TransientError, UnknownThingError
from core.goals.stop import stop_goals
from core.operations.undo import ask_undo
from core.telemetry.why import find_goal, why
from tests.core.support.actions import Crash
from tests.core.support.plans import do, plan, result, write
from tests.core.support.world import HERE, World


async def test_why_tells_the_whole_story() -> None:
    """Who asked, the plan, the rule, the model's cost, who decided and what came of it."""
    world = World()
    await world.say("send bob x", plan(do("a", "probe.high", to="bob", text="x"), title="Mail"))
    card = world.card.card
    await world.decide(reason="fine")
    told = await why(world.kernel, HERE, None)
    marker = world.probe("probe.high").markers[0][:8]
    for expected in (
        "Why G1:",
        "Asked by you, Mon 02 Nov 09:00, on memory: “send bob x”",
        "Recalled facts: none",
        "Model scripted for the planner: 0 in, 0 out, $0.00",
        "Plan by planner: “Mail”",
        "a probe.high (claims 0.90) “why a”",
        "Gate: probe.high (high) → inbox by impact high:",
        "claimed 0.90, earned 0.00 (no record yet)",
        f"Asked you with card {card}: Send to bob",
        "      to: bob\n",
        "      text: x\n",
        "The planner said: “why a”",
        f"owner said accept to {card} on memory: fine.",
        f"Began probe.high, attempt 1, as you accepted ({marker}).",
        "Did probe.high: Sent 'x' to bob.",
        "Goal ended: done.",
        "Replied: Sent 'x' to bob.",
    ):
        assert expected in told, expected


async def test_every_name_leads_to_its_goal() -> None:
    """A goal, a card in any case, a message, a reply and an operation lead to the same story."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide()
    await world.say("hi", "Hello.")
    (message, *_) = await world.rows("messages")
    marker = world.probe("probe.high").markers[0]
    card = world.card.card
    for name in ("G1", card, card.lower(), message.key, "RG1", marker, marker[:8].upper()):
        assert await find_goal(world.kernel, HERE, name) == "G1", name
    assert await find_goal(world.kernel, HERE, None) != "G1"


@pytest.mark.parametrize("name", ["G99", "CAAAAAAAA", "abc", "f" * 32, ""])
async def test_an_unknown_name_is_one_sentence(name: str) -> None:
    """A name that means nothing says what can be named."""
    world = World()
    await world.say("hi", "Hello.")
    with pytest.raises(UnknownThingError, match="There is no goal, card, operation or message"):
        await why(world.kernel, HERE, name)


async def test_nothing_has_happened_yet() -> None:
    """A conversation without a goal says so."""
    with pytest.raises(UnknownThingError, match="Nothing has happened here yet"):
        await why(World().kernel, HERE, None)


async def test_an_edit_and_its_sources_are_told() -> None:
    """What the owner changed, and which outside sources were in it, are in the story."""
    world = World()
    await world.say(
        "send", plan(do("r", "probe.read", text="t"), do("a", "probe.high", text="{{ r.text }}"))
    )
    await world.decide("edit", edits={world.card.items[0].marker: {"text": "mine"}})
    told = await why(world.kernel, HERE, None)
    assert "From outside: web page https://evil.example (“Evil page”)" in told
    assert "said edit" in told
    assert "+ text: mine" in told


async def test_trouble_is_told() -> None:
    """Retries, doubts, stops, expired cards, undone effects and repeats are told in words."""
    world = World()
    world.probe("probe.low").before.append(TransientError("busy"))
    await world.say("do", plan(do("a", "probe.low", text="x")))
    world.clock.advance(2)
    await world.drain(HERE)
    assert "probe.low did not happen: busy Tried again at 09:00:02 UTC." in await why(
        world.kernel, HERE, None
    )
    for action, told in (
        ("probe.low", "it was run again"),
        ("probe.found", "it was looked up and had happened"),
        ("probe.plain", "so you were asked"),
    ):
        world.probe(action).after.append(Crash())
        with pytest.raises(Crash):
            await world.say("do", plan(do("a", action, text="y")))
        world.restart()
        await world.drain(HERE)
        assert told in await why(world.kernel, HERE, None)
    await stop_goals(world.kernel, HERE, None, "owner")
    assert "Stopped by owner." in await why(world.kernel, HERE, None)
    assert f"Card {world.card.card} expired" in await why(world.kernel, HERE, None)
    await world.say("do", plan(do("a", "probe.low", to="z")))
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide()
    told = await why(world.kernel, HERE, None)
    assert "Plan by owner: “Undo probe.low " in told
    assert "Undid operation" in told


async def test_failures_and_agents_are_told() -> None:
    """A failed task names its reason, and an agent's work is named without its text."""
    world = World()
    await world.say(
        "do",
        plan(do("a", "probe.low", to="nowhere"), write("w", "Write")),
        result("SECRET TEXT"),
    )
    told = await why(world.kernel, HERE, None)
    assert "Task a ended without a result (refused): There is no such place." in told
    assert "The assistant finished w." in told


async def test_an_erased_plan_is_told_as_such() -> None:
    """Texts that were erased are not in the story, the rest still is."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", text="x")))
    await world.store.erase(list(world.store.contents))
    told = await why(world.kernel, HERE, None)
    assert "Plan: [erased]" in told
    assert "“[erased]”" in told
    assert "probe.low" in told


async def test_a_repeated_reply_is_told() -> None:
    """A reply that may have been shown twice says so in the story."""
    world = World()
    world.model.then("Hello.")
    await world.hear("hi")

    async def hook(events: object) -> bool:
        if world.surface.sent:
            raise Crash
        return False

    world.store.meanwhile = hook
    with pytest.raises(Crash):
        await world.drain(HERE)
    world.store.meanwhile = None
    world.restart()
    await world.drain(HERE)
    assert "The reply may have been shown twice." in await why(world.kernel, HERE, None)
