"""Questions about time, number and people find what answers them first."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from adapters.embedding.onnx import OnnxEmbedder, built_in
from core.memory.search.question import understand
from core.memory.search.words import stems
from tests.core.memory.index.parts import Parts


def day(month: int, number: int, year: int = 2026) -> datetime:
    """Return the noon of a day."""
    return datetime(year, month, number, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def model() -> Iterator[OnnxEmbedder]:
    """Give the built-in model, loaded once: the order is fitted to what it finds near."""
    made = OnnxEmbedder(built_in())
    yield made
    asyncio.run(made.close())


@pytest.fixture
async def parts(model: OnnxEmbedder) -> Parts:
    """Give three visits to the dentist, and what has nothing to do with them."""
    parts = Parts()
    parts.knowledge.embedder = model
    await parts.learn("OLD", "Saw the dentist, one filling", day(1, 10), "Ada")
    await parts.learn("MID", "Saw the dentist, all fine", day(5, 3), "Bob")
    await parts.learn("NEW", "Saw the dentist, cleaning done", day(9, 20), "Ada")
    await parts.learn("COAL", "The price of coal fell", day(9, 25), "Bob")
    await parts.keeper.keep()
    return parts


async def test_last_and_first_go_by_time(parts: Parts) -> None:
    """Of those that fit the newest or the oldest comes first, never one that does not fit."""
    assert (await parts.found("When did I last see the dentist?"))[0] == "NEW"
    assert (await parts.found("What did the dentist do the first time?"))[0] == "OLD"
    assert (await parts.found("When did I last see the dentist?"))[-1] == "COAL"


async def test_a_date_in_the_question_counts(parts: Parts) -> None:
    """A month or a day that is named prefers what was said then, and the reason says so."""
    for asked, first in (
        ("What did the dentist say in May?", "MID"),
        ("What did the dentist say on 10 January 2026?", "OLD"),
        ("What did the dentist say on September 20th?", "NEW"),
    ):
        found = await parts.knowledge.search(asked, 5)
        assert found[0].entry.id == first, asked
        assert "from the time asked about" in found[0].reasons


async def test_when_prefers_texts_with_times(parts: Parts) -> None:
    """Of two that fit alike the one that tells a time answers "when"."""
    await parts.learn("PLAIN", "The garden party is planned with Bob")
    await parts.learn("TIMED", "The garden party is planned for Saturday")
    await parts.keeper.keep()
    assert (await parts.found("When is the garden party planned?"))[0] == "TIMED"


async def test_who_is_named_is_who_speaks(parts: Parts) -> None:
    """A speaker in the question is preferred, and is no word that must be in the text."""
    found = await parts.knowledge.search("How was the dentist for Bob?", 5)
    assert found[0].entry.id == "MID"
    assert "said by Bob" in found[0].reasons
    assert "bob" not in understand("How was the dentist for Bob?", {"Bob"}).words


async def test_reasons_quote_no_words(parts: Parts) -> None:
    """They count and measure; no telling word of the question or of a text is in them."""
    asked = "What did the dentist say about the filling?"
    for found in await parts.knowledge.search(asked, 5):
        said = set(stems(" ".join(found.reasons).replace("said by Ada", "").replace("Bob", "")))
        assert found.reasons
        assert not said & {*stems("dentist filling"), *(set(stems(found.entry.text)) - {"said"})}


async def test_recall_leaves_out_what_does_not_fit(parts: Parts) -> None:
    """A question that nothing answers recalls nothing; one of common words alone neither."""
    assert await parts.knowledge.recall("what is it", 5) == []
    found = [one.entry.id for one in await parts.knowledge.recall("dentist", 5)]
    assert set(found) == {"OLD", "MID", "NEW"}


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("When did she move?", {"when"}),
        ("How many cats has Bob?", {"many"}),
        ("What was the latest offer?", {"last"}),
        ("What happened last week?", set()),
        ("What did we originally agree?", {"first"}),
        ("List all hobbies", {"lists"}),
        ("Would she like jazz?", {"would"}),
    ],
)
def test_the_kind_of_a_question_is_told(text: str, flags: set[str]) -> None:
    """By its words; "last week" is a date and not the last of something."""
    asked = understand(text, ())
    kinds = ("when", "many", "lists", "last", "first", "would")
    assert {name for name in kinds if getattr(asked, name)} == flags


async def test_a_reason_is_true(parts: Parts) -> None:
    """Only what has a neighbour that fits stands beside a hit; the rest is called a weak fit."""
    reasons = {f.entry.id: f.reasons for f in await parts.knowledge.search("dentist", 9)}
    assert reasons["COAL"] == ("a weak fit",)
    assert "1 shared word" in reasons["NEW"]
