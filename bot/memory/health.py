"""How the memory is: what is indexed, and what does not work."""

import asyncio
from typing import Any

from bot.app import App
from core.domain.errors import EquerryError
from core.memory.index.feeds import FACTS
from core.memory.index.indexer import Indexer
from core.ports.fact_index import Extent
from core.ports.read_models import RowQuery

LOOK_S = 0.3
"""Less than what is left of the second that `/status` may take; a look takes milliseconds."""


async def memory_health(app: App) -> dict[str, Any]:
    """Return the number of facts, how much is indexed, and problems in sentences."""
    knowledge = app.kernel.recall.knowledge
    extents: dict[str, Extent] = {}
    problems: list[str] = []
    for scope, indexer in knowledge.scopes.items():
        try:
            extents[scope] = await _extent(app, indexer)
        except (EquerryError, TimeoutError) as error:
            said = str(error) or f"The index of {scope} does not answer now."
            problems.append(f"{said} Replies are made without what it would find.")
    trouble = knowledge.trouble.index
    if trouble and not any(one.startswith(trouble) for one in problems):
        problems.append(f"{trouble} What is new is not found yet.")
    if knowledge.trouble.embedding:
        problems.append(f"{knowledge.trouble.embedding} Memory is searched by words alone.")
    if knowledge.trouble.store:
        problems.append(f"{knowledge.trouble.store} Every vector is compared: slower, no less.")
    extent = extents.get(FACTS, Extent(0, 0, 0, 0))
    facts = await app.kernel.rows.count(RowQuery("facts", states=frozenset({"known"})))
    return {
        "facts": facts,
        "entries": extent.entries,
        "embedded": extent.embedded,
        "in_store": extent.stored,
        "problems": problems,
    }


async def _extent(app: App, indexer: Indexer) -> Extent:
    """Return how much there is. Raises FactIndexError, TimeoutError.

    Where a keeper is at work, it is known already what cannot be used, and that is not waited for.
    """
    knowledge = app.kernel.recall.knowledge
    space = knowledge.embedder.space
    if not app.leads:
        await indexer.catch_up()
        return await indexer.index.extent(space)
    if (away := knowledge.away.get(indexer.scope)) is not None:
        raise away
    async with asyncio.timeout(LOOK_S):
        return await indexer.index.extent(space)
