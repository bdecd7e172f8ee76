"""An agent is a contract, not a personality."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from core.domain.base import Frozen
from core.domain.money import Usd
from core.ports.model import Tier

Caller = Literal["goal", "plan"]


class Contract(Frozen):
    """What an agent takes and gives, how sure it must be, what it may cost, who may call it.

    `tier` is None for an agent that uses no model. `latency` is what is expected; twice as long
    ends the call. `stand_in` False: the offline model may not answer in its place. `replans` is how
    often it is asked again when a task of its plan fails.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")
    role: str
    capabilities: tuple[str, ...]
    input: type[Frozen]
    output: type[Frozen]
    tier: Tier | None
    confidence: float = Field(default=0.5, ge=0, le=1)
    failure_modes: tuple[str, ...]
    latency: timedelta
    max_usd: Usd
    prompt: str = ""
    callers: frozenset[Caller]
    stand_in: bool = True
    replans: int = Field(default=0, ge=0, le=10)
