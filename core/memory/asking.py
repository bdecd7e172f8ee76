"""Asking a model on memory's behalf: one cheap call that nobody is bothered with."""

from typing import Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from core.agents.calls import Called
from core.agents.one_call import submitted_json
from core.agents.prompts import submit_result
from core.domain.base import Frozen
from core.domain.canonical import canonical
from core.domain.coercion import validated
from core.domain.errors import AskOwnerError, BadInputError, RefusedError, TransientError
from core.domain.whole_text import read_json
from core.kernel import Kernel
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest

R = TypeVar("R", bound=Frozen)
MOST_CHARS = 48_000
"""About 12,000 tokens, a few cents on a fast model: what is quietly asked must stay cheap."""


class Errand(NamedTuple, Generic[R]):
    """Who asks, by which rules, for a result of which form, of how many tokens at most."""

    agent: str
    rules: str
    result: type[R]
    max_tokens: int


async def ask_quietly(
    kernel: Kernel, goal: str, errand: Errand[R], given: object
) -> tuple[Called, R | None] | None:
    """Return the call and its result, on the account of a goal; None where nobody was asked.

    A short budget, a model out of reach, an answer that cannot be used and more than fits are
    nobody's question, and nothing is tried twice or cut: rules do it instead.
    """
    content = canonical(given)
    if kernel.calls.offline or len(content) > MOST_CHARS or await kernel.ledger.tight(goal):
        return None
    try:
        called = await kernel.calls.complete(goal, _request(errand, content))
    except (RefusedError, TransientError, AskOwnerError):
        return None
    return called, None if called.fallback else _result(errand.result, called.answer)


def _request(errand: Errand[R], content: str) -> ModelRequest:
    return ModelRequest(
        agent=errand.agent,
        tier="fast",
        messages=(
            ModelMessage(role="system", content=errand.rules, stable=True),
            ModelMessage(role="user", content=content),
        ),
        tools=(submit_result(errand.result.model_json_schema()),),
        require="submit_result",
        max_tokens=errand.max_tokens,
    )


def _result(form: type[R], answer: ModelAnswer) -> R | None:
    raw = submitted_json(answer)
    try:
        return None if raw is None else validated(form, read_json(raw))
    except (BadInputError, ValidationError):
        return None
