"""The offline model: the port `Model` by rules, always there and free."""

import asyncio
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.offline.moves import TimeWords
from core.domain.money import ZERO
from core.ports.model import ModelAnswer, ModelRequest, OnDelta, Tier, ToolCall, ToolSpec

PLAN_TOOL = "submit_plan"
RESULT_TOOL = "submit_result"
AT_ONCE = 1000
"""Characters of a message that is dealt with at once, which takes milliseconds; ten times as many
can take a second, and other conversations go on meanwhile."""


class OfflineModel:
    """Answers plain English requests deterministically; reads the request and nothing else.

    It speaks the model protocol: a plan through `submit_plan`, an agent's result through
    `submit_result`, otherwise text. No I/O, no state, no cost; it never raises.
    """

    name = "offline"

    def __init__(self, times: TimeWords) -> None:
        """Take the part that understands times in words."""
        self._times = times

    def models(self, tier: Tier) -> tuple[str, ...]:
        """Return its own name, whatever the tier."""
        return (self.name,)

    async def prepare(self) -> None:
        """Nothing has a price."""

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return zero: it costs nothing."""
        return ZERO

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Answer at once; text goes to `on_delta` word by word."""
        from adapters.offline.answers import agent_answer
        from adapters.offline.context import owner_text, read_context
        from adapters.offline.planner import decide

        tool = _tool(request.tools, request.require)
        if tool is not None and tool.name != PLAN_TOOL:
            return self._called(tool, agent_answer(request, tool))
        text, context = owner_text(request.messages), read_context(request.messages)
        if len(text) > AT_ONCE:
            decided = await asyncio.to_thread(decide, text, context, self._times)
        else:
            decided = decide(text, context, self._times)
        if isinstance(decided, dict):
            if tool is not None:
                return self._called(tool, decided)
            decided = "I cannot act here: no plan may be submitted in this call."
        if on_delta is not None:
            for word in re.findall(r"\S+\s*|\s+", decided):
                on_delta(word)
        return ModelAnswer(text=decided, model=self.name)

    def _called(self, tool: ToolSpec, arguments: dict[str, Any]) -> ModelAnswer:
        text = json.dumps(arguments, ensure_ascii=False)
        call = ToolCall(id="offline-1", name=tool.name, arguments=text)
        return ModelAnswer(tool_calls=(call,), model=self.name)


def _tool(tools: Sequence[ToolSpec], required: str | None) -> ToolSpec | None:
    by_name = {tool.name: tool for tool in tools}
    wanted = (required or "", PLAN_TOOL, RESULT_TOOL)
    return next((by_name[name] for name in wanted if name in by_name), None)
