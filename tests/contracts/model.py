"""What every model does, whatever is behind it."""

import asyncio
import json
from typing import Literal

from core.ports.model import Model, ModelMessage, ModelRequest, ToolSpec

Wanted = Literal["text", "stream", "tool"]

TOOL = ToolSpec(
    name="submit_result",
    description="Submit the result.",
    parameters={
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    },
)


def hello() -> ModelRequest:
    """Ask for a greeting."""
    return ModelRequest(
        agent="planner",
        tier="balanced",
        messages=(
            ModelMessage(role="system", content="You greet.", stable=True),
            ModelMessage(role="user", content="hello"),
        ),
    )


def result() -> ModelRequest:
    """Ask an assistant for its result."""
    task = json.dumps({"instruction": "Say it.", "inputs": {"what": "hello"}})
    return ModelRequest(
        agent="assistant",
        tier="balanced",
        messages=(ModelMessage(role="user", content=task),),
        tools=(TOOL,),
        require=TOOL.name,
    )


class ModelContract:
    """Subclasses give a model that will answer with a text, a streamed text or a tool call."""

    def model(self, wanted: Wanted, times: int = 1) -> Model:
        """Return a model ready for that many calls of a kind."""
        raise NotImplementedError

    async def test_a_text_comes_back_with_the_name_of_the_model(self) -> None:
        """An answer in text has text, no calls, and says which model gave it."""
        answer = await self.model("text").complete(hello())
        assert answer.text
        assert answer.tool_calls == ()
        assert answer.model

    async def test_what_is_streamed_is_the_text(self) -> None:
        """The pieces given to `on_delta` join to the text of the answer."""
        pieces: list[str] = []
        answer = await self.model("stream").complete(hello(), pieces.append)
        assert len(pieces) > 1
        assert "".join(pieces) == answer.text

    async def test_a_required_tool_is_called_with_json(self) -> None:
        """With `require` the answer calls that tool, its arguments being a JSON object."""
        answer = await self.model("tool").complete(result())
        assert [call.name for call in answer.tool_calls] == [TOOL.name]
        assert answer.tool_calls[0].id
        assert json.loads(answer.tool_calls[0].arguments)["text"]

    async def test_no_call_costs_more_than_its_ceiling(self) -> None:
        """The price of an answer stays at or under what the ceiling said before."""
        model = self.model("text")
        most = model.ceiling(hello())
        answer = await model.complete(hello())
        assert 0 <= answer.usd <= most

    async def test_calls_run_side_by_side(self) -> None:
        """Several calls at once each get their answer."""
        model = self.model("text", times=8)
        answers = await asyncio.gather(*(model.complete(hello()) for _ in range(8)))
        assert all(answer.text for answer in answers)
