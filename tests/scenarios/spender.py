"""A process that spends: `python -m tests.scenarios.spender URL NAME CALLS`.

All calls are made at the same time; each may cost ten cents and costs between one and ten. Prints
how many were answered, and how many were stopped by a cap.
"""

import asyncio
import random
import sys
from datetime import UTC
from decimal import Decimal

from adapters.offline.model import OfflineModel
from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from adapters.when.words import WordsWhen
from core.agents.calls import ModelCalls, Models
from core.domain.errors import BudgetExceededError
from core.domain.redaction import Redactor
from core.gates.budget import Caps, Ledger
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest, OnDelta
from core.projections import ALL
from tests.core.support.calling import Doing

DAY = Decimal(3)
MOST = Decimal("0.10")


async def answer(request: ModelRequest, on_delta: OnDelta | None) -> ModelAnswer:
    """Take a moment, and cost something."""
    await asyncio.sleep(random.uniform(0, 0.05))
    return ModelAnswer(text="hi", usd=Decimal(random.randint(1, 10)) / 100, model="doing")


def calls_over(store: SqlStore) -> ModelCalls:
    """Return model calls on a store, with a cap for the day."""
    clock, ids = SystemClock(), SystemIds()
    caps = Caps(goal=Decimal(2), day=DAY, month=Decimal(60))
    ledger = Ledger(store, store, clock, ids, caps=caps, zone=UTC)
    models = Models(Doing(answer, lambda _: MOST), OfflineModel(WordsWhen()))
    return ModelCalls(models, ledger, clock, ids, redactor=Redactor())


async def spend(store: SqlStore, name: str, count: int) -> tuple[int, int]:
    """Make the calls, for a few goals; return how many were answered and how many stopped."""
    calls = calls_over(store)

    async def one(number: int) -> bool:
        words = ModelMessage(role="user", content=f"{name} {number}")
        request = ModelRequest(agent="assistant", tier="fast", messages=(words,))
        try:
            await calls.complete(f"G{number % 4}", request)
        except BudgetExceededError:
            return False
        return True

    made = await asyncio.gather(*(one(number) for number in range(count)))
    return sum(made), len(made) - sum(made)


async def main(url: str, name: str, count: int) -> None:
    """Spend on a store of one's own connection."""
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    try:
        print(*await spend(store, name, count))  # noqa: T201 - the parent reads it
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
