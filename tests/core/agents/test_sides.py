from typing import Any

import pytest

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from adapters.inmemory.knowledge import memory_knowledge
from core.agents.sides import choose_side
from core.operations.own.facts import SearchMemory
from core.ports.action import Action
from core.projections import ALL
from tests.core.support.web import Fetch, Search


def reads(*, web: bool = True, memory: bool = True) -> list[Action[Any]]:
    """Return the read-only actions there are."""
    store = MemoryStore(ALL, FakeClock(), SequentialIds())
    inside: list[Action[Any]] = [SearchMemory(memory_knowledge(store), store)] if memory else []
    outside: list[Action[Any]] = [Fetch({}), Search()] if web else []
    return [*inside, *outside]


@pytest.mark.parametrize(
    ("question", "side"),
    [
        ("What does Acme charge?", "outside"),
        ("What does memory say about Acme?", "inside"),
        ("What did I tell you about Acme?", "inside"),
        ("What do I know about Acme?", "inside"),
        ("What is in my notes on Acme?", "inside"),
        ("What do we know of memories?", "inside"),
        ("Who made the first commemorative coin?", "outside"),
        ("{{ t1.text }}", "outside"),
    ],
)
def test_the_words_choose_the_side(question: str, side: str) -> None:
    """A question about the owner's memory is answered inside, any other outside; never both."""
    chosen = choose_side(question, reads())
    assert chosen.name == side
    names = {tool.name for tool in chosen.tools}
    assert names == ({"memory__search"} if side == "inside" else {"web__fetch", "web__search"})


def test_what_is_there_counts() -> None:
    """Without a way outside memory is asked, and without memory the web, whatever the question."""
    assert choose_side("What does Acme charge?", reads(web=False)).name == "inside"
    assert choose_side("What is in my notes?", reads(memory=False)).name == "outside"
    assert choose_side("What?", ()).actions == ()


def test_a_tool_of_the_other_side_is_none() -> None:
    """The name of a tool leads to an action of the chosen side only."""
    side = choose_side("What does Acme charge?", reads())
    assert side.action("web__fetch") == "web.fetch"
    assert side.action("memory__search") is None
    assert side.action("web.fetch") is None
