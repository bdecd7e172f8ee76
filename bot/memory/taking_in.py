"""Taking a file into memory, with vectors, and saying how far it is."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.app import App
from core.domain.errors import FactIndexError
from core.memory.ingest import Account, Ingest, Ingested
from core.ports.read_models import RowQuery

PAUSE_S = 0.1
IDLE_S = 60.0
"""How long vectors are waited for that nobody makes: by words all is found already."""
SHOWN = 20
Show = Callable[[str, int, int], None]


async def take_in(app: App, lines: Sequence[Ingested], name: str, show: Show) -> dict[str, Any]:
    """Append the lines, wait until they can be found by meaning, and return the account.

    What is cut off goes on when it is run again, or by itself at the next start.
    """
    kernel = app.kernel
    account = Account()
    async for account in Ingest(kernel.log, kernel.redactor, name).run(lines):
        done = account.added + account.known + account.forgotten
        show("Taken in", done, len(lines))
    away: list[str] = []
    try:
        facts = await _embedded(app, show)
    except FactIndexError as error:
        facts = await kernel.rows.count(RowQuery("facts", states=frozenset({"known"})))
        away = [f"All is taken in, but cannot be searched yet. {error}"]
    more = len(account.changed) - SHOWN
    problems = [
        f"{identity} is known with another text, which stays: give the new one another id."
        for identity in account.changed[:SHOWN]
    ]
    problems += [f"… and {more} more."] if more > 0 else []
    return {
        "added": account.added,
        "known": account.known,
        "forgotten": account.forgotten,
        "facts": facts,
        "problems": [*problems, *away],
    }


async def _embedded(app: App, show: Show) -> int:
    """Wait until every fact has a vector, or no new one comes; return how many facts there are.

    Another process may make them, and not go on: it was stopped, or has another model.
    """
    knowledge = app.kernel.recall.knowledge
    indexer, space = knowledge.facts, knowledge.embedder.space
    await indexer.catch_up()
    before, since = -1, time.monotonic()
    while True:
        extent = await indexer.index.extent(space)
        show("Found by meaning", extent.embedded, extent.entries)
        if extent.embedded != before:
            before, since = extent.embedded, time.monotonic()
        ended = extent.embedded >= extent.entries or knowledge.trouble.embedding
        if ended or time.monotonic() > since + IDLE_S:
            return extent.entries
        await asyncio.sleep(PAUSE_S)
