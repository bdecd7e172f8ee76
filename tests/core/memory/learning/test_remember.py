"""What learning a fact does to those that are known, by who said them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.events import NewEvent
from core.domain.sources import Source
from core.memory.learning.remember import Learning, Said, learning
from tests.core.memory.index.parts import Parts

MAIL = (Source(kind="mail", ref="m7", title="Mallory"),)


@pytest.fixture
def parts() -> Parts:
    """Give an empty memory."""
    return Parts()


async def learnt(parts: Parts, text: str, *, outside: bool = False, project: str = "") -> Learning:
    """Learn a text, a minute after what was said before."""
    parts.clock.advance(60)
    said = Said(text, f"{text}{outside}{project}", "test", parts.clock.now())
    said = replace(said, sources=MAIL if outside else (), project=project or None)
    done = await learning(parts.knowledge, said)
    for stream, payload in done.payloads:
        await parts.log.append([NewEvent(stream=stream, payload=payload)])
    return done


async def test_outside_text_never_replaces_what_the_owner_said(parts: Parts) -> None:
    """A mail that says otherwise stands beside the owner's word, and is marked."""
    mine = await learnt(parts, "The office is in Bonn")
    theirs = await learnt(parts, "The office moved to Berlin", outside=True)
    assert theirs.replaced == ()
    assert not theirs.known
    assert set(await parts.found("Where is the office?")) == {mine.fact, theirs.fact}
    assert theirs.payloads[0][1].sources == MAIL  # type: ignore[attr-defined]


async def test_the_owner_replaces_what_came_from_outside(parts: Parts) -> None:
    """And outside text replaces outside text."""
    first = await learnt(parts, "The office is in Bonn", outside=True)
    second = await learnt(parts, "The office moved to Berlin", outside=True)
    assert second.replaced == (first.fact,)
    mine = await learnt(parts, "The office moved to Rome")
    assert mine.replaced == (second.fact,)
    assert await parts.found("Where is the office?") == [mine.fact]


async def test_what_outside_text_said_first_is_learned_from_the_owner_too(parts: Parts) -> None:
    """An outside fact makes no duplicate of the owner's; what is known is not learned again."""
    theirs = await learnt(parts, "Bob likes green tea", outside=True)
    mine = await learnt(parts, "Bob likes green tea")
    assert not mine.known
    assert mine.fact != theirs.fact
    again = await learnt(parts, "bob likes  green tea.", outside=True)
    assert again.known
    assert again.fact in {mine.fact, theirs.fact}


async def test_a_later_outside_word_does_not_hide_what_the_owner_said_before(parts: Parts) -> None:
    """What the owner said is learned, even if it is learned after the mail."""
    before = parts.clock.now()
    await learnt(parts, "The office moved to Berlin", outside=True)
    said = Said("The office is in Bonn", "late", "test", before + timedelta(seconds=1))
    assert not (await learning(parts.knowledge, said)).known


async def test_only_the_same_project_is_replaced(parts: Parts) -> None:
    """A fact of another project stays; one of none gives way."""
    other = await learnt(parts, "The deadline is 5 May", project="boat")
    general = await learnt(parts, "The deadline is 6 May")
    mine = await learnt(parts, "The deadline is 7 May", project="house")
    assert other.fact not in (*general.replaced, *mine.replaced)
    assert mine.replaced == (general.fact,)


async def test_another_subject_is_never_replaced(parts: Parts) -> None:
    """Nor another relation of the same subject."""
    await learnt(parts, "Bob's email is bob@x.example")
    for text in ("Ana's email is ana@x.example", "Bob's phone is 0228 123"):
        assert (await learnt(parts, text)).replaced == ()
    changed = await learnt(parts, "Bob's email is bob@y.example")
    assert len(changed.replaced) == 1
