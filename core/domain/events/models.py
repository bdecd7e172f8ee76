"""Model calls and the money they cost."""

from typing import ClassVar, Literal

from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.money import Usd

Cap = Literal["operation", "goal", "day", "month"]
CallOutcome = Literal["ok", "cached", "unreachable", "refused", "unknown"]


class ModelCalled(Payload):
    """One attempt of a model call, silent and failed ones too; latency in milliseconds.

    `call` is that of its reservation, `day` the owner's day (`2026-11-23`) it was made on; `chosen`
    says what chose the tier. The price of a call that broke off is an estimate; `error` says so.
    """

    wire: ClassVar[str] = "model.called.v1"
    call: str
    day: str
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
    chosen: str = ""
    prompt: Erasable | None = None
    answer: Erasable | None = None


class BudgetReserved(Payload):
    """The highest cost of a call was set aside; `day` and `month` are in the owner's time zone.

    For a paid action `call` is `op:MARKER:ATTEMPT`, `tier` is `action` and `model` its name.
    """

    wire: ClassVar[str] = "budget.reserved.v1"
    call: str
    usd: Usd
    day: str
    month: str
    agent: str = "unknown"
    tier: str = "unknown"
    model: str = "unknown"


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
    cap: Cap
    scope: str
    wanted: Usd
    used: Usd
    limit: Usd


class BudgetWarned(Payload):
    """Three quarters of a cap are used; calls go to cheaper tiers from here."""

    wire: ClassVar[str] = "budget.warned.v1"
    cap: Cap
    scope: str
    used: Usd
    limit: Usd


class BudgetRaised(Payload):
    """The owner raised the cap of a scope by `usd`."""

    wire: ClassVar[str] = "budget.raised.v1"
    card: str
    scope: str
    usd: Usd


class BudgetEased(Payload):
    """The owner chose to go on without spending more: the offline model answers in this scope."""

    wire: ClassVar[str] = "budget.eased.v1"
    card: str
    scope: str


class PromptsExpired(Payload):
    """The texts of these calls were erased because they were kept long enough."""

    wire: ClassVar[str] = "prompts.expired.v1"
    calls: tuple[str, ...]
