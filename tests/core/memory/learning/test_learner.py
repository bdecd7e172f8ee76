"""Learning at the end of a goal: by the model where much was said, by rules where none answers."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from adapters.inmemory.model import ScriptedModel, called
from core.domain.errors import ModelUnreachableError
from core.domain.events.memory import FactLearned, FactSuperseded
from core.domain.events.models import ModelCalled
from core.memory.learning.learner import Learner
from tests.core.support.world import HERE, Setup, World

MUCH = (
    "We sat together for two hours about the new offices. My dentist is Ada Vogel. "
    "In the end we agreed that the lease in Bonn is worth it because the trains are close, "
    "and I liked that a lot."
)
LEASE = "The lease in Bonn was agreed because the trains are close"


async def heard(answer: Any, *, sure: float = 0.9, text: str = MUCH) -> tuple[World, str, str]:  # noqa: ANN401
    """Say a lot and let it be learned from; return the world, the goal and the message."""
    world = World(Setup(offline=ScriptedModel(lambda _: "offline")))
    await world.say(text, "Fine.")
    (row, *_) = await world.rows("window")
    (goal,) = await world.rows("goals")
    message = str(row.doc["message"])
    if answer == "fact":
        fact = {"text": LEASE, "kind": "decision", "id": message, "confidence": sure}
        answer = called("submit_result", {"facts": [fact]}, Decimal("0.01"))
    world.model.then(*[answer] * (5 if isinstance(answer, Exception) else 1))
    work = asyncio.create_task(Learner(world.kernel).learn(goal.key))
    while not work.done():  # a model that is away is tried again, some seconds later
        await asyncio.sleep(0)
        world.clock.advance(1)
    await work
    return world, goal.key, message


async def texts(world: World) -> list[str]:
    """Return the facts that were learned."""
    refs = [event.text.ref for event in world.events(FactLearned)]
    values = await world.store.values(refs)
    return [str(values[ref]) for ref in refs]


async def test_a_model_says_what_will_be_asked_again() -> None:
    """One call on the account of the goal; the fact names its message, kind and confidence."""
    world, goal, message = await heard("fact")
    (fact,) = world.events(FactLearned)
    assert (fact.by, fact.message, fact.kind, fact.confidence) == (goal, message, "decision", 0.9)
    assert fact.said_at is not None
    assert fact.sources == ()
    assert await texts(world) == [LEASE]
    (call,) = [event for event in world.events(ModelCalled) if event.agent == "learner"]
    assert call.usd == Decimal("0.01")
    request = world.model.requests[-1]
    assert (request.tier, request.require) == ("fast", "submit_result")
    for _ in range(2):
        await Learner(world.kernel).catch_up()
    assert await texts(world) == [LEASE]
    assert world.model.requests[-1] is request


async def test_what_a_model_is_not_sure_of_is_not_learned() -> None:
    """Below half it is a guess."""
    world, _, _ = await heard("fact", sure=0.3)
    assert await texts(world) == []


@pytest.mark.parametrize(
    "answer",
    [
        ModelUnreachableError("away"),
        "only words",
        called("submit_result", "{no json"),
        called("submit_result", {"facts": [{"text": "made up", "id": "M404"}]}),
    ],
)
async def test_rules_learn_where_no_model_can(answer: Any) -> None:  # noqa: ANN401
    """Out of reach, an answer that does not fit, a message that is none: nothing is lost."""
    world, _, message = await heard(answer)
    learned = world.events(FactLearned)
    assert "My dentist is Ada Vogel." in await texts(world)
    assert {fact.message for fact in learned} == {message}


async def test_little_is_learned_by_rules_alone() -> None:
    """Of a short message no model is asked; the newer value supersedes, and the old is kept."""
    world, _, _ = await heard("unused", text="My dentist is Ada Vogel.")
    world.clock.advance(60)
    await world.say("My dentist is now Hugo Sommer.", "Fine.")
    await Learner(world.kernel).catch_up()
    assert [event.agent for event in world.events(ModelCalled)].count("learner") == 0
    assert await texts(world) == ["My dentist is Ada Vogel.", "My dentist is now Hugo Sommer."]
    old, new = sorted(await world.rows("facts"), key=lambda row: int(row.doc["position"]))
    assert (old.state, new.state) == ("superseded", "known")
    (gone,) = world.events(FactSuperseded)
    assert (gone.fact, gone.by_fact) == (old.key, new.key)
    assert gone.valid_until == world.events(FactLearned)[1].valid_from


async def test_what_others_wrote_is_not_learned() -> None:
    """Neither a stranger's words nor what the owner forwards."""
    world = World(Setup(offline=ScriptedModel(lambda _: "offline")))
    for owner in (False, True):
        await world.hear("My dentist is Mallory Vogel.", owner=owner, forwarded=owner)
        await world.drain(HERE)
    await Learner(world.kernel).catch_up()
    assert await texts(world) == []
