"""One of two processes that drain the same conversation over the same event log.

A drain folds the stream, thinks, claims the work on the version it saw, and only then acts: the
order in which every step of a goal is taken. `python -m` runs a rival that thinks for long.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path

from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from core.domain.erasable import Erasable
from core.domain.errors import VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.operations import OperationStarted

STREAM = "goal:G1"
THINK_S = 0.5


class OneConversation:
    """An agenda with one conversation that always has work."""

    async def unfinished(self) -> Sequence[str]:
        """Return it."""
        return ["a"]

    async def due(self, now: datetime) -> Sequence[str]:
        """Return nothing: there are no timers."""
        return []

    async def next_due(self) -> datetime | None:
        """Return nothing."""
        return None


async def open_store(folder: Path) -> SqlStore:
    """Open the log that the rivals share."""
    return await SqlStore.open(f"sqlite:///{folder}/log.db", (), SystemClock(), SystemIds())


def rival(
    store: SqlStore, folder: Path, name: str, think: Callable[[], Awaitable[None]]
) -> Callable[[str], Awaitable[None]]:
    """Return the drain of one rival; its effects and its defeats are lines of a file."""

    def note(line: str) -> None:
        with (folder / "lines").open("a", encoding="utf-8") as file:
            file.write(f"{line} {name}\n")

    async def drain(conversation: str) -> None:
        version = await store.version(STREAM)
        if version:
            note("nothing left for")
            return
        note("folded by")
        await think()
        try:
            await store.append([_claim(name)], expect={STREAM: version})
        except VersionConflictError:
            note("conflict of")
            raise
        note("effect of")

    return drain


def _claim(name: str) -> NewEvent:
    args = Erasable.of({"text": name}, salt="x")
    started = OperationStarted(
        marker=f"by-{name}",
        task="t1",
        action="note.append",
        args=args,
        impact="low",
        attempt=1,
        by="auto",
    )
    return NewEvent(stream=STREAM, payload=started, goal="G1")


async def main(factory: str, folder: Path) -> None:
    """Run a rival that thinks for long, until it is killed."""
    module, _, name = factory.partition(":")
    engine = getattr(import_module(module), name)(OneConversation(), folder)
    store = await open_store(folder)
    await engine.run(rival(store, folder, "the frozen", lambda: asyncio.sleep(THINK_S)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
