"""How the parts of Equerry are: a change is an event, so that it is seen later and elsewhere."""

from core.domain.events import NewEvent
from core.domain.events.health import HealthChanged, HealthState
from core.gates.error_budget import burnt_key
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels

STREAM = "health"
MODEL = "model"
REDIS = "redis"
TELEGRAM = "telegram"
ANCHOR = "anchor"


class Health:
    """Says how a part is; says nothing where that is known already."""

    def __init__(self, log: EventLog, rows: ReadModels) -> None:
        """Append to `log` what `rows` does not show yet."""
        self._log, self._rows = log, rows

    async def say(self, part: str, state: HealthState, reason: str = "") -> None:
        """Append `health.changed` where the part was in another state; a new part is well."""
        row = await self._rows.get("health", part)
        known = row.state if row is not None else "well"
        if known != state:
            payload = HealthChanged(part=part, state=state, reason=reason)
            await self._log.append([NewEvent(stream=STREAM, payload=payload)])


async def weigh(log: EventLog, rows: ReadModels, key: str) -> None:
    """Say whether an error budget (`action:NAME`, `agent:NAME`) burnt or recovered just now."""
    reason = await burnt_key(rows, key)
    await Health(log, rows).say(key, "failing" if reason else "well", reason or "")
