"""Error budgets: who fails too often loses auto until the newest outcomes are good again."""

from collections.abc import Iterable

from core.ports.read_models import ReadModels

LEAST = 5
SHARE = 0.2


async def burnt(rows: ReadModels, action: str, agents: Iterable[str]) -> str | None:
    """Return why an operation has no auto now, None while all error budgets last.

    `agents` are those it comes from: who planned it, and whose output is in it.
    """
    for key in (f"action:{action}", *(f"agent:{agent}" for agent in agents)):
        if (reason := await burnt_key(rows, key)) is not None:
            return reason
    return None


async def burnt_key(rows: ReadModels, key: str) -> str | None:
    """Return why `action:NAME` or `agent:NAME` has burnt its error budget, None while it lasts.

    A budget is a fifth of the newest twenty outcomes, counted from five outcomes on.
    """
    row = await rows.get("reliability", key)
    recent: list[int] = row.doc["recent"] if row else []
    failed = recent.count(0)
    if len(recent) < LEAST or failed <= SHARE * len(recent):
        return None
    return f"{key.partition(':')[2]} failed {failed} of the last {len(recent)} times"
