"""Error budgets: who fails too often loses auto until the newest outcomes are good again."""

from core.ports.read_models import ReadModels

LEAST = 5
SHARE = 0.2


async def burnt(rows: ReadModels, action: str, agent: str) -> str | None:
    """Return why an action or agent has no auto now, None while its error budget lasts.

    A budget is a fifth of the newest twenty outcomes, counted from five outcomes on.
    """
    for key in (f"action:{action}", f"agent:{agent}"):
        row = await rows.get("reliability", key)
        recent: list[int] = row.doc["recent"] if row else []
        failed = recent.count(0)
        if len(recent) >= LEAST and failed > SHARE * len(recent):
            name = key.partition(":")[2]
            return f"{name} failed {failed} of the last {len(recent)} times"
    return None
