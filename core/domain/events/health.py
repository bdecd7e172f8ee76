"""How the parts of Equerry are."""

from typing import ClassVar, Literal

from core.domain.events.base import Payload

HealthState = Literal["well", "failing"]


class HealthChanged(Payload):
    """A part went down or came back.

    `part` is `model`, `redis`, `telegram`, `anchor`, `storage`, `engine`, `left_out`, `memory`,
    `action:NAME` or `agent:NAME`.

    Without `redis`, windows are made from the log; without `memory`, replies are made without the
    search of facts and of earlier talk. An action or agent that fails has burnt its
    error budget: it loses auto until it is well.
    """

    wire: ClassVar[str] = "health.changed.v1"
    part: str
    state: HealthState
    reason: str = ""
