"""How the parts of Equerry are."""

from typing import ClassVar, Literal

from core.domain.events.base import Payload

HealthState = Literal["well", "failing"]


class HealthChanged(Payload):
    """A part went down or came back.

    `part` is `model`, `redis`, `telegram`, `anchor`, `action:NAME` or `agent:NAME`.

    Without `redis`, windows are made from the log. An action or agent that fails has burnt its
    error budget: it loses auto until it is well.
    """

    wire: ClassVar[str] = "health.changed.v1"
    part: str
    state: HealthState
    reason: str = ""
