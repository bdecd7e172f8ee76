"""The offline model as assistant, researcher, reviewer and under an unknown schema."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.offline.answers import compose
from adapters.offline.model import OfflineModel
from adapters.when.words import WordsWhen
from core.ports.model import ModelMessage, ModelRequest, ToolSpec
from tests.contracts.model import TOOL

REVIEW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["pass", "revise", "escalate"]},
        "reasons": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["verdict", "reasons", "score"],
}
RESEARCH: dict[str, Any] = {
    "type": "object",
    "$defs": {"Finding": {"type": "object", "properties": {}, "required": []}},
    "properties": {
        "summary": {"type": "string"},
        "findings": {"type": "array", "items": {"$ref": "#/$defs/Finding"}},
        "best": {"anyOf": [{"$ref": "#/$defs/Finding"}, {"type": "null"}]},
        "complete": {"type": "boolean"},
    },
    "required": ["summary", "findings", "best", "complete"],
}


async def result_of(agent: str, schema: dict[str, Any], content: str) -> dict[str, Any]:
    """Return the arguments of the result that an agent submits offline."""
    tool = ToolSpec(name="submit_result", description="", parameters=schema)
    request = ModelRequest(
        agent=agent,
        tier="deep",
        messages=(ModelMessage(role="user", content=content),),
        tools=(tool,),
        require=tool.name,
    )
    answer = await OfflineModel(WordsWhen()).complete(request)
    got: dict[str, Any] = json.loads(answer.tool_calls[0].arguments)
    return got


async def test_the_reviewer_hands_on_to_the_owner() -> None:
    """Without a model nothing is passed: the verdict is to escalate, with the reason."""
    got = await result_of("reviewer", REVIEW, "{}")
    assert got["verdict"] == "escalate"
    assert "No model" in got["reasons"][0]
    assert got["score"] == 0


async def test_the_researcher_found_nothing() -> None:
    """Without a model there are no findings, and the summary says why."""
    got = await result_of("researcher", RESEARCH, '{"question": "why?"}')
    assert got["findings"] == []
    assert got["best"] is None
    assert got["complete"] is False
    assert "No model" in got["summary"]


async def test_the_assistant_writes_inputs_down() -> None:
    """Lists become bullets, objects `key: value` lines."""
    inputs = {"title": "Plan", "steps": ["one", "two"], "cost": {"now": 1, "later": None}}
    task = json.dumps({"instruction": "Write it.", "inputs": inputs})
    got = await result_of("assistant", TOOL.parameters, task)
    expected = "title: Plan\nsteps:\n  - one\n  - two\ncost:\n  now: 1\n  later: "
    assert got == {"text": expected}


async def test_the_assistant_without_inputs_is_honest() -> None:
    """A poem is not written; the answer says so with what was asked."""
    task = json.dumps({"instruction": "Write a poem.", "inputs": {}})
    got = await result_of("assistant", TOOL.parameters, task)
    assert got == {"text": "I cannot write this without a model: Write a poem."}


async def test_the_assistant_gives_the_planners_answer() -> None:
    """The rest of a mixed message comes out as it was, with what was done."""
    inputs = {"done": {"Note: a": {"file": "notes.md"}}, "answer": "It is 18:25."}
    task = json.dumps({"instruction": "Tell.", "inputs": inputs})
    got = await result_of("assistant", TOOL.parameters, task)
    assert got["text"] == "It is 18:25.\n\nDone:\n- Note: a"


@given(inputs=st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))  # fmt: skip
def test_any_inputs_can_be_written_down(inputs: object) -> None:
    """Whatever the inputs are, a text comes of them."""
    assert isinstance(compose(json.dumps({"instruction": "x", "inputs": inputs})), str)


@pytest.mark.parametrize("content", ["", "no json", "[]", "3"])
async def test_a_broken_task_is_honest(content: str) -> None:
    """What is no task is answered with what could not be done."""
    got = await result_of("assistant", TOOL.parameters, content)
    assert "No model was available" in got["text"]
