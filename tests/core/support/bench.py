"""A workbench for one agent, without the rest of the core."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from adapters.inmemory.clock import START
from adapters.inmemory.model import ScriptedModel
from core.agents.contract import Contract
from core.agents.outcome import Bench
from core.domain.errors import ModelUnreachableError, RefusedError
from core.domain.events import Payload
from core.domain.sources import Taint
from core.operations.registry import ActionRegistry
from core.ports.action import Action, ActionContext, ActionResult
from core.ports.model import ModelAnswer, ModelRequest


async def _nothing(*_args: object) -> None:
    return


async def _emits(_stream: str, _payloads: Sequence[Payload]) -> None:
    message = "A read appends nothing."
    raise RefusedError(message)


CONTEXT = ActionContext("", "G1", "memory:1", START, UTC, 1, _emits, _nothing)


def bench(
    contract: Contract,
    given: dict[str, Any],
    model: ScriptedModel | None,
    *actions: Action[Any],
    taint: Taint = (),
    addresses: frozenset[str] = frozenset(),
) -> Bench:
    """Return a workbench; no model means that nobody could be reached."""
    registry = ActionRegistry(actions)

    async def ask(request: ModelRequest) -> ModelAnswer:
        if model is None:
            message = "There is no model."
            raise ModelUnreachableError(message)
        return await model.complete(request)

    async def read(name: str, args: dict[str, Any]) -> ActionResult:
        return await registry.get(name).run(registry.validate(name, args), CONTEXT)

    return Bench(
        contract=contract,
        given=contract.input.model_validate(given),
        taint=taint,
        asked="",
        ask=ask,
        read=read,
        reads=registry.offered(),
        planned=given,
        addresses=addresses,
    )
