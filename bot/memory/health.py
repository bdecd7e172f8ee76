"""How the memory is: what is indexed, and what does not work."""

from typing import Any

from bot.app import App
from core.domain.errors import EquerryError
from core.ports.fact_index import Extent
from core.ports.read_models import RowQuery


async def memory_health(app: App) -> dict[str, Any]:
    """Return the number of facts, how much is indexed, and problems in sentences."""
    knowledge = app.kernel.recall.knowledge
    problems, extent = [], Extent(0, 0, 0, 0)
    try:
        await knowledge.facts.catch_up()
        extent = await knowledge.facts.index.extent(knowledge.embedder.space)
    except EquerryError as error:
        problems.append(str(error))
    if knowledge.trouble.index and knowledge.trouble.index not in problems:
        problems.append(f"{knowledge.trouble.index} What is new is not found yet.")
    if knowledge.trouble.embedding:
        problems.append(f"{knowledge.trouble.embedding} Memory is searched by words alone.")
    if knowledge.trouble.store:
        problems.append(f"{knowledge.trouble.store} Every vector is compared: slower, no less.")
    facts = await app.kernel.rows.count(RowQuery("facts", states=frozenset({"known"})))
    return {
        "facts": facts,
        "entries": extent.entries,
        "embedded": extent.embedded,
        "in_store": extent.stored,
        "problems": problems,
    }
