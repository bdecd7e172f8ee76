"""A document becomes passages in memory, each with where it stands."""

from typing import Any

from core.domain.events.memory import FactForgotten, FactLearned
from core.domain.inbound import Attachment
from core.ports.model import ModelRequest
from tests.core.goals.test_taking_in import handles
from tests.core.operations.test_undo import undo
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

LEASE = "\n\n".join(
    f"# Part {number}\n\n" + " ".join(f"word{number}x{word}" for word in range(150))
    for number in range(1, 4)
)


def taking_in(request: ModelRequest) -> Any:  # noqa: ANN401 - a scripted answer
    """Plan to take in what is at hand."""
    (name,) = handles(request)
    return plan(do("t1", "memory.take_in", text=f"{{{{ {name} }}}}", title="Lease"))


async def taken_in(text: str = LEASE) -> World:
    """Return a world whose owner sent a document and had it remembered."""
    world = World()
    world.surface.files["one"] = text.encode()
    sent = Attachment(name="lease.txt", media_type="text/plain", size=len(text), ref="one")
    world.model.then(taking_in)
    await world.hear("remember this document", attachments=(sent,))
    await world.drain(HERE)
    return world


async def test_each_passage_is_a_fact_with_its_source() -> None:
    """It names the document and its place there, and is outside text."""
    world = await taken_in()
    learned = await world.told(FactLearned)
    assert [(fact.source, fact.part) for fact in learned] == [
        ("Lease", 1),
        ("Lease", 2),
        ("Lease", 3),
    ]
    assert {fact.sources[0].title for fact in learned} == {"lease.txt"}
    assert "word2x7" in learned[1].text.text
    assert "3 passages of Lease" in world.surface.texts[-1]
    assert world.surface.sent[-1].outside


async def test_it_is_found_and_stands_in_no_planners_prompt() -> None:
    """A search gives it; the next prompt does not."""
    world = await taken_in()
    told = await world.say("what about word3x9?", plan(do("t1", "memory.search", query="word3x9")))
    assert "word3x9" in told[0]
    await world.say("word3x9 again?", "I do not know.")
    assert "word3x8" not in str(world.model.requests[-1].messages)


async def test_a_repeat_after_a_crash_keeps_each_passage_once() -> None:
    """The passages are named by the operation: run again, nothing is there twice."""
    world = await taken_in()
    before = len(world.events(FactLearned))
    action = world.kernel.actions.get("memory.take_in")
    assert action.repeatable(action.Args(text=LEASE))
    world.restart()
    await world.drain(HERE)
    assert len(world.events(FactLearned)) == before


async def test_undo_forgets_every_passage() -> None:
    """What was taken in counts no more."""
    world = await taken_in()
    assert await undo(world) == "3 passages are forgotten."
    assert len(world.events(FactForgotten)) == 3


async def test_a_document_without_words_is_refused_in_a_sentence() -> None:
    """Nothing is kept."""
    world = await taken_in("---")
    assert world.events(FactLearned) == []
    assert "memory.take_in" in world.surface.texts[-1]
