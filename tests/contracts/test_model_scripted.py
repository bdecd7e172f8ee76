from decimal import Decimal

import pytest

from adapters.inmemory.model import ScriptedModel, called
from core.domain.errors import BugError, ModelUnreachableError
from core.ports.model import Model, ModelAnswer
from tests.contracts.model import TOOL, ModelContract, Wanted, hello


class TestScriptedModel(ModelContract):
    def model(self, wanted: Wanted, times: int = 1) -> Model:
        """Return a scripted model with the answers in its queue."""
        tool = called(TOOL.name, {"text": "hello"}, usd=Decimal("0.01"))
        answer: ModelAnswer | str = tool if wanted == "tool" else "hello you"
        return ScriptedModel([answer] * times, most=Decimal("0.01"))


async def test_answers_come_in_order_and_requests_are_kept() -> None:
    """The queue is used up in order and every request is there to look at."""
    model = ScriptedModel(["one"])
    model.then("two")
    texts = [(await model.complete(hello())).text for _ in range(2)]
    assert texts == ["one", "two"]
    assert model.requests == [hello(), hello()]


async def test_an_error_is_raised() -> None:
    """A scripted error is raised as the answer of its call."""
    model = ScriptedModel([ModelUnreachableError("gone", retry_after=2)])
    with pytest.raises(ModelUnreachableError, match="gone"):
        await model.complete(hello())


async def test_a_function_answers_by_the_request() -> None:
    """A function sees the request and makes the answer of it."""
    model = ScriptedModel(lambda request: f"{request.agent}: {request.messages[-1].content}")
    assert (await model.complete(hello())).text == "planner: hello"


async def test_a_forgotten_answer_is_a_bug() -> None:
    """A call for which nothing was scripted fails loudly."""
    with pytest.raises(BugError, match="no answer left for call 1"):
        await ScriptedModel().complete(hello())
