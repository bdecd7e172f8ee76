from typing import Any

import pytest
from pydantic import ValidationError

from core.agents.schemas import Finding, Research, Review

QUOTE = {"source": "https://a.example", "quote": "49 dollars", "confidence": 0.9}


@pytest.mark.parametrize(
    ("answer", "text", "found"),
    [
        ({"text": "It is 49.", "found": True, "findings": [QUOTE]}, "It is 49.", True),
        ({"summary": "It is 49.", "findings": [QUOTE]}, "It is 49.", True),
        ({"answer": "It is 49.", "found": False, "findings": [QUOTE]}, "It is 49.", False),
        (
            {"findings": [QUOTE, {**QUOTE, "claim": "It costs 49."}]},
            "49 dollars It costs 49.",
            True,
        ),
        ({"findings": []}, "", False),
        ({"text": "It is 49.", "found": True, "mood": "good"}, "It is 49.", True),
    ],
)
def test_research_is_understood_in_the_forms_models_give_it(
    answer: dict[str, Any], text: str, *, found: bool
) -> None:
    """Other names for the answer, findings alone, and fields that nobody asked for."""
    research = Research.model_validate(answer)
    assert (research.text, research.found) == (text, found)
    assert Research.model_validate(research.model_dump(mode="json")) == research


@pytest.mark.parametrize(
    "answer",
    [{"nonsense": 1}, {"text": "x"}, {"text": 1, "found": True}, {"findings": "none"}, "text", None]
    + [{"findings": [wrong]} for wrong in ("x", {"quote": "x"}, {**QUOTE, "confidence": 2})],
)
def test_what_is_no_research_is_refused(answer: object) -> None:
    """What is missing, or of another type, is not made up."""
    with pytest.raises(ValidationError):
        Research.model_validate(answer)


def test_a_finding_may_name_its_url() -> None:
    """`url` is another name for the source, `text` and `finding` for the claim."""
    given = {"url": "https://a.example", "quote": "49", "confidence": 1, "finding": "It is 49."}
    assert Finding.model_validate(given) == Finding(
        source="https://a.example", quote="49", confidence=1, claim="It is 49."
    )


def test_a_verdict_is_one_of_three() -> None:
    """A score beside it is dropped; another verdict is refused."""
    assert Review.model_validate({"verdict": "pass", "score": 0.9}) == Review(verdict="pass")
    with pytest.raises(ValidationError):
        Review.model_validate({"verdict": "fine"})
