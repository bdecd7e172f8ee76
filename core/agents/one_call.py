"""The way most agents work: one call, one repair, an output that validates."""

from pydantic import ValidationError

from core.agents.contract import Contract
from core.agents.outcome import Bench, Outcome
from core.agents.prompts import fenced_input, submit_result
from core.domain.base import Frozen
from core.domain.coercion import validated
from core.domain.errors import BadInputError, ModelRefusedError
from core.domain.explain import explain
from core.domain.whole_text import read_json
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest


async def one_call(bench: Bench) -> Outcome:
    """Ask the model for the output; an answer that does not validate is sent back once.

    Raises ModelRefusedError when the second answer does not validate either.
    """
    contract = bench.contract
    tool = submit_result(contract.output.model_json_schema())
    request = ModelRequest(
        agent=contract.name,
        tier=contract.tier or "balanced",
        messages=(
            ModelMessage(role="system", content=contract.prompt, stable=True),
            ModelMessage(role="user", content=fenced_input(bench.given, bench.taint)),
        ),
        tools=(tool,),
        require=tool.name,
        words=bench.asked,
    )
    return Outcome(await submitted(bench, request), bench.taint)


async def submitted(bench: Bench, request: ModelRequest) -> Frozen:
    """Return the validated output of a request that requires `submit_result`, after one repair."""
    answer = await bench.ask(request)
    try:
        return read_result(bench.contract, answer)
    except BadInputError as error:
        messages = (*request.messages, *repair(answer, str(error)))
    answer = await bench.ask(request.model_copy(update={"messages": messages}))
    try:
        return read_result(bench.contract, answer)
    except BadInputError as error:
        name = bench.contract.name
        message = f"The {name}'s answer could not be used, also after one repair: {error}"
        raise ModelRefusedError(message) from error


def repair(answer: ModelAnswer, problem: str) -> tuple[ModelMessage, ...]:
    """Return the messages that send an answer back with what was wrong with it."""
    said = ModelMessage(role="assistant", content=answer.text, tool_calls=answer.tool_calls)
    notes = [
        ModelMessage(role="tool", tool_call_id=call.id, content=f"Not accepted: {problem}")
        for call in answer.tool_calls
    ]
    return (said, *(notes or [ModelMessage(role="user", content=f"Not accepted: {problem}")]))


def submitted_json(answer: ModelAnswer) -> str | None:
    """Return what was handed to `submit_result` as it stands, None where it was not called."""
    return next((c.arguments for c in answer.tool_calls if c.name == "submit_result"), None)


def read_result(contract: Contract, answer: ModelAnswer) -> Frozen:
    """Return the validated output in an answer. Raises BadInputError with what was wrong."""
    raw = submitted_json(answer)
    if raw is None:
        if set(contract.output.model_fields) == {"text"} and answer.text.strip():
            return contract.output.model_validate({"text": answer.text.strip()})
        message = "Call submit_result with the result."
        raise BadInputError(message)
    try:
        return validated(contract.output, read_json(raw))
    except BadInputError as error:
        message = f"The result is {error}."
        raise BadInputError(message) from error
    except ValidationError as error:
        message = f"The result does not fit the schema: {explain(error)}."
        raise BadInputError(message) from error
