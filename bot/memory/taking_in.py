"""Taking a file into memory, with vectors, and saying how far it is."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from bot.app import App
from core.memory.ingest import Account, Ingest, Ingested

PAUSE_S = 0.1
SHOWN = 20
Show = Callable[[str, int, int], None]


async def take_in(app: App, lines: Sequence[Ingested], name: str, show: Show) -> dict[str, Any]:
    """Append the lines, wait until they can be found by meaning, and return the account.

    What is cut off goes on when it is run again, or by itself at the next start.
    """
    kernel = app.kernel
    owner = kernel.profile.name
    account = Account()
    async for account in Ingest(kernel.log, kernel.redactor, owner, name).run(lines):
        show("Taken in", account.added + account.known, len(lines))
    facts = await _embedded(app, show)
    more = len(account.changed) - SHOWN
    problems = [
        f"{identity} is known with another text, which stays: give the new one another id."
        for identity in account.changed[:SHOWN]
    ]
    problems += [f"… and {more} more."] if more > 0 else []
    return {
        "added": account.added,
        "known": account.known,
        "facts": facts,
        "problems": problems,
    }


async def _embedded(app: App, show: Show) -> int:
    """Wait until every fact has a vector; return how many there are."""
    knowledge = app.kernel.recall.knowledge
    indexer, space = knowledge.facts, knowledge.embedder.space
    await indexer.catch_up()
    while True:
        extent = await indexer.index.extent(space)
        show("Found by meaning", extent.embedded, extent.entries)
        if extent.embedded >= extent.entries or knowledge.trouble.embedding:
            return extent.entries
        await asyncio.sleep(PAUSE_S)
