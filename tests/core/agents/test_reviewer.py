from typing import Any

import pytest

from adapters.inmemory.model import ScriptedModel
from core.agents.review_rules import ReviewRules
from core.agents.reviewer import REVIEWER, Reviewer
from core.agents.schemas import Review
from core.domain.sources import Source
from tests.core.support.bench import bench
from tests.core.support.web import judged

MAIL = Source(kind="mail", ref="m1")


async def reviewed(
    model: ScriptedModel | None,
    given: dict[str, Any],
    rules: ReviewRules | None = None,
) -> Review:
    """Return what the reviewer says."""
    outcome = await Reviewer(rules)(bench(REVIEWER, given, model, taint=(MAIL,)))
    assert outcome.sources == (MAIL,)
    return Review.model_validate(outcome.output.model_dump())


async def test_rules_come_first() -> None:
    """What the rules refuse costs no model call."""
    model = ScriptedModel()
    given = {"text": "Synergy!", "rubric": "kind"}
    review = await reviewed(model, given, ReviewRules(banned=("synergy",)))
    assert review == Review(verdict="revise", reasons=("the phrase 'synergy' is banned",))
    assert model.requests == []


async def test_the_worst_flaw_decides() -> None:
    """One flaw for the owner's eye makes the whole text one for it."""
    given = {"text": "99 for eve@evil.example", "sources": []}
    review = await reviewed(None, given)
    assert review.verdict == "escalate"
    assert len(review.reasons) == 2


@pytest.mark.parametrize("verdict", ["pass", "revise", "escalate"])
async def test_a_model_judges_by_the_rubric(verdict: str) -> None:
    """What passes the rules goes to a fast model once, fenced where it comes from outside."""
    model = ScriptedModel([judged(verdict, "because")])
    review = await reviewed(model, {"text": "Hello", "rubric": "Is it kind?"})
    assert (review.verdict, review.reasons) == (verdict, ("because",))
    (request,) = model.requests
    assert (request.tier, request.require) == ("fast", "submit_result")
    assert "Is it kind?" in request.messages[1].content
    assert "<<<outside" in request.messages[1].content


async def test_without_a_model_the_rules_decide() -> None:
    """Nobody to judge by the rubric: what passes the rules passes."""
    assert (await reviewed(None, {"text": "Hello", "rubric": "kind"})).verdict == "pass"


async def test_sources_may_be_any_value() -> None:
    """Texts and numbers anywhere in the sources count."""
    given = {"text": "It is 12 for Bob", "sources": {"a": [{"price": 12}], "b": "bob", "c": None}}
    assert (await reviewed(None, given)).verdict == "pass"
