"""A process that appends: `python -m tests.adapters.sql.child URL NAME COUNT`.

Prints the position of the last event of each append once it has returned; COUNT 0 goes on forever.
"""

import asyncio
import sys
from itertools import count

from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from tests.contracts.stores import BOARD, added, on


async def main(url: str, name: str, appends: int) -> None:
    """Append three events at a time, one of them to a stream that all children share."""
    store = await SqlStore.open(url, [BOARD], SystemClock(), SystemIds())
    for n in range(appends) if appends else count():
        events = [on("shared"), added(f"{name}{n}", project=name), on(name)]
        appended = await store.append(events)
        print(appended.events[-1].position, flush=True)  # noqa: T201 - the parent reads it
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
