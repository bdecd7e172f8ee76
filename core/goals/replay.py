"""Answers that were paid for before a crash are taken from the log, not asked for again."""

import json
from collections.abc import Iterator

from core.agents.call_events import unpacked
from core.agents.calls import Called
from core.agents.redacting import redacted
from core.agents.shield import Shielded
from core.domain.canonical import canonical
from core.domain.events import decode
from core.domain.events.goals import PlanProposed
from core.domain.events.models import ModelCalled
from core.kernel import Kernel
from core.ports.event_log import EventQuery
from core.ports.model import ModelAnswer, ModelRequest, ToolCall, Usage


async def answered_before(kernel: Kernel, goal: str, request: ModelRequest) -> ModelAnswer | None:
    """Return the answer that the goal's agent had to this very prompt, None where it had none."""
    shielded = await _shielded(kernel, request)
    asked = _prompt(shielded.request if kernel.calls.offline else shielded.explained)
    for event in await kernel.events(EventQuery(goal=goal, type=ModelCalled.wire)):
        called = decode(event)
        if not isinstance(called, ModelCalled) or called.agent != request.agent:
            continue
        if called.outcome in {"ok", "cached"} and called.prompt and called.answer:
            answer = unpacked(called.answer)
            if answer is not None and unpacked(called.prompt) == asked:
                return shielded.filled(_answer(called, json.loads(answer)))
    return None


async def planned_before(kernel: Kernel, goal: str, request: ModelRequest) -> Iterator[Called]:
    """Return the planner's answers since the newest plan, in order: this planning was begun before.

    Its prompt tells the time, so that it is never the very same; the order stands in for it. What
    an offline model answered is on the log with what came of it, so there is nothing to look for.
    """
    found: list[Called] = []
    shielded: Shielded | None = None
    query = EventQuery(goal=goal)
    for event in () if kernel.calls.offline else await kernel.events(query):
        payload = decode(event)
        if isinstance(payload, PlanProposed):
            found.clear()
        elif isinstance(payload, ModelCalled) and payload.agent == "planner":
            answer = unpacked(payload.answer) if payload.answer else None
            if payload.outcome == "ok" and answer is not None:
                shielded = shielded or await _shielded(kernel, request)
                kept = shielded.filled(_answer(payload, json.loads(answer)))
                found.append(Called(kept, call=payload.call))
    return iter(found)


async def _shielded(kernel: Kernel, request: ModelRequest) -> Shielded:
    """Return a request as it was sent: without secrets, with references to stated ones."""
    messages = tuple(redacted(message, kernel.redactor) for message in request.messages)
    return await kernel.calls.shield.over(request.model_copy(update={"messages": messages}))


def _prompt(request: ModelRequest) -> str:
    return canonical(
        [message.model_dump(mode="json", exclude_defaults=True) for message in request.messages]
    )


def _answer(called: ModelCalled, kept: dict[str, object]) -> ModelAnswer:
    calls = kept["calls"]
    found = calls if isinstance(calls, list) else []
    return ModelAnswer(
        text=str(kept["text"]),
        tool_calls=tuple(
            ToolCall(id=call.get("id", ""), name=call["name"], arguments=call["arguments"])
            for call in found
        ),
        usage=Usage(tokens_in=called.tokens_in, tokens_out=called.tokens_out),
        usd=called.usd,
        model=called.model,
    )
