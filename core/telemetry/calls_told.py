"""Model calls in plain words: a line in a story, and one call with its prompt and its answer."""

import json
from collections.abc import Iterable
from typing import Any

from core.agents.call_events import unpacked
from core.domain.erasable import ERASED, Erasable
from core.domain.events import decode
from core.domain.events.models import ModelCalled
from core.domain.money import dollars
from core.kernel import Kernel
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery

SHORT = 8
OUTCOMES = {
    "cached": "taken from the cache, because the same was asked before",
    "unreachable": "no answer",
    "refused": "refused",
    "unknown": "outcome unknown",
}


def call_line(event: ModelCalled) -> str:
    """Return a call in one line: model, agent, tier and why, tokens, price, time, outcome, id."""
    cached = f" ({event.tokens_cached} cached)" if event.tokens_cached else ""
    tokens = f"{event.tokens_in} in{cached}, {event.tokens_out} out"
    again = f", attempt {event.attempt}" if event.attempt > 1 else ""
    outcome = OUTCOMES.get(event.outcome, event.outcome)
    path = f"; {event.tier} by {event.chosen}" if event.chosen else ""
    line = f"Model {event.model} for the {event.agent}: {tokens}, {dollars(event.usd)}"
    line += f", {event.latency_ms} ms{again}, {outcome}{path}; call {event.call[:SHORT]}."
    return f"{line} {event.error}".rstrip()


async def call_story(kernel: Kernel, name: str) -> str | None:
    """Return the newest call whose id begins so, with what was asked and answered; None for none.

    Of those that are still kept.
    """
    if len(name) < SHORT:
        return None
    query = RowQuery("prompts", prefix=name.lower(), order="due", newest_first=True)
    for row in await kernel.rows.find(query, limit=1):
        position = int(row.key.rpartition(":")[2])
        found = await kernel.log.read(EventQuery(after=position - 1), limit=1)
        payload = decode((await kernel.log.inflated(found))[0])
        return _told(payload) if isinstance(payload, ModelCalled) else None
    return None


def _told(event: ModelCalled) -> str:
    lines = [call_line(event)]
    for message in _kept(event.prompt):
        lines += [f"[{message['role']}]", message.get("content", "")]
        lines += _calls(message.get("tool_calls", ()))
    for answer in _kept(event.answer):
        lines += ["[answer]", answer.get("text") or answer.get("content", "")]
        lines += _calls(answer.get("calls", ()))
    return "\n".join(line for line in lines if line)


def _calls(calls: Iterable[dict[str, Any]]) -> list[str]:
    return [f"{call['name']} {call['arguments']}" for call in calls]


def _kept(part: Erasable | None) -> list[dict[str, Any]]:
    if part is None:
        return []
    text = unpacked(part)
    found = json.loads(text) if text is not None else {"role": "text", "content": ERASED}
    return found if isinstance(found, list) else [found]
