from decimal import Decimal

import pytest

from adapters.inmemory.model import ScriptedModel
from core.domain.events.models import ModelCalled
from core.telemetry.calls_told import call_line
from core.telemetry.why import why
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World

CALL = ModelCalled(
    call="0123456789abcdef",
    day="2026-11-02",
    agent="planner",
    tier="balanced",
    model="gpt-x",
    tokens_in=100,
    tokens_out=20,
    usd=Decimal("0.02"),
    latency_ms=310,
    outcome="ok",
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "100 in, 20 out, $0.02, 310 ms, ok; call 01234567."),
        ({"tokens_cached": 60}, "100 in (60 cached), 20 out"),
        ({"attempt": 2}, "310 ms, attempt 2, ok"),
        ({"chosen": "contract"}, "ok; balanced by contract; call"),
        ({"outcome": "cached"}, "taken from the cache, because the same was asked before"),
        ({"outcome": "unreachable", "error": "It is down."}, "no answer; call 01234567. It is"),
        ({"outcome": "unknown"}, "outcome unknown"),
    ],
)
def test_a_call_is_told_in_a_line(change: dict[str, object], words: str) -> None:
    """Model, agent, tokens, price, time, attempt, outcome, what chose the tier, and its name."""
    line = call_line(CALL.model_copy(update=change))
    assert line.startswith("Model gpt-x for the planner: ")
    assert words in line


async def called() -> tuple[World, str]:
    """Return a core in which a plan was made, and the name of the call that made it."""
    world = World(Setup(offline=ScriptedModel(), secrets=["hunter22"]))
    await world.say("note hunter22", plan(do("a", "probe.low", text="x")))
    (event,) = world.events(ModelCalled)
    return world, event.call


async def test_a_call_is_told_with_its_prompt_and_its_answer() -> None:
    """/why with the name of a call shows what was asked and answered, without secrets."""
    world, name = await called()
    told = await why(world.kernel, HERE, name)
    assert told.startswith("Model scripted for the planner")
    assert "[system]\nYou plan for Equerry" in told
    assert "[user]\nnote [secret]" in told
    assert '[answer]\nsubmit_plan {"title"' in told
    assert "hunter22" not in told


async def test_what_was_erased_is_told_as_erased() -> None:
    """After /forget the line stays, the texts are gone."""
    world, name = await called()
    (event,) = world.events(ModelCalled)
    assert event.prompt is not None
    assert event.answer is not None
    await world.store.erase([event.prompt.ref, event.answer.ref])
    told = await why(world.kernel, HERE, name)
    assert told.splitlines()[1:] == ["[text]", "[erased]", "[answer]", "[erased]"]


async def test_another_name_is_no_call() -> None:
    """The name of a goal tells the goal's story."""
    world, name = await called()
    (goal,) = await world.goals()
    assert (await why(world.kernel, HERE, goal.id)).startswith(f"Why {goal.id}:")
    with pytest.raises(Exception, match="There is no goal, card, operation or message"):
        await why(world.kernel, HERE, name[:4])
