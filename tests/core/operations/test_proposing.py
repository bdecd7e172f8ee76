"""What Equerry asks by itself is meant as it stands, whatever words of others are in it."""

import pytest

from core.domain.plan import Plan
from core.domain.sources import Source
from core.operations.own.access import GrantAccess
from core.operations.proposing import Proposal, propose
from tests.core.support.world import HERE, Setup, World

EVE = Source(kind="chat", ref="app:66", title="Eve")


@pytest.mark.parametrize("name", ["{{ t1 }}", "{{ t0.facts }} of {{ F2 }}", "{{ t1.text }}"])
async def test_words_of_others_are_no_references(name: str) -> None:
    """A name that looks like a reference is shown and kept as it is, and holds nothing up."""
    here = World(Setup(actions=[GrantAccess()]))
    args = {"channel": "app", "standing": "owner", "ident": "66", "name": name}
    proposal = Proposal("access", "Let app:66 in", "access.grant", args, "A66", (EVE,))
    await propose(here.kernel, HERE, proposal, "stranger", "ask:66")
    await here.drain(HERE)
    assert (here.card.items[0].args.value or {})["name"] == name
    await here.decide("reject")
    assert await here.say("hello", "hi") == ["hi"]


def test_a_model_does_not_say_that_its_plan_is_literal() -> None:
    """References in a plan that a model wrote count, whatever it says of them."""
    task = {"id": "t1", "agent": "executor", "input": {"x": "{{ t0 }}"}, "literal": True}
    read = Plan.model_validate({"title": "x", "tasks": [task]})
    assert read.tasks[0].all_needs() == {"t0"}
    assert read.as_literal().tasks[0].all_needs() == frozenset()
    assert "literal" not in read.as_literal().model_dump(mode="json")["tasks"][0]
