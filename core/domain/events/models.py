"""Model calls and the money they cost."""

from typing import ClassVar, Literal

from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.money import Usd

CallOutcome = Literal["ok", "invalid", "unreachable", "refused", "cancelled"]


class ModelCalled(Payload):
    """One call of a model, silent and failed ones too; latency in milliseconds."""

    wire: ClassVar[str] = "model.called.v1"
    call: str
    agent: str
    tier: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    usd: Usd
    latency_ms: int
    attempt: int = 1
    outcome: CallOutcome
    error: str = ""
    prompt: Erasable | None = None
    answer: Erasable | None = None


class BudgetReserved(Payload):
    """The highest cost of a call was set aside; `day` and `month` are in the owner's time zone."""

    wire: ClassVar[str] = "budget.reserved.v1"
    call: str
    usd: Usd
    day: str
    month: str


class BudgetSettled(Payload):
    """The reservation of `call` was replaced by what the call cost."""

    wire: ClassVar[str] = "budget.settled.v1"
    call: str
    usd: Usd
    reserved: Usd
    day: str
    month: str


class BudgetExceeded(Payload):
    """A reservation was refused because it would pass a cap."""

    wire: ClassVar[str] = "budget.exceeded.v1"
    cap: Literal["operation", "goal", "day", "month"]
    wanted: Usd
    used: Usd
    limit: Usd
