"""`python -m bench`: how fast and how small Equerry is, beside its targets and a peer.

Everything is measured on the real parts, with durable commits, in a folder on a disk.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.event_log import DISK
from bench.figures import Figure, table
from bench.logs import logs
from bench.memory import memory
from bench.models import models
from bench.rest import at_rest
from bench.starts import starts
from bench.telegram import telegram
from bench.turns import turns

PARTS = ("turns", "models", "log", "start", "rest", "memory", "telegram")
TINY = 3
FACTS, EMBED = (1_000,), 10_000


def measured(
    folder: Path, part: str, *, tiny: bool, facts: Sequence[int] = FACTS, embed: int = EMBED
) -> list[Figure]:
    """Measure one part in an empty folder; `tiny` only shows that the measurement works."""
    if part == "memory":
        return asyncio.run(memory(folder, [TINY * 10] if tiny else facts, embed))
    if part == "turns":
        return asyncio.run(turns(folder, TINY if tiny else 500))
    if part == "telegram":
        return asyncio.run(telegram(folder, TINY if tiny else 100))
    if part == "models":
        return asyncio.run(models(folder, TINY if tiny else 200))
    if part == "log":
        return asyncio.run(logs(folder, tiny=tiny))
    if part == "start":
        return starts(folder, 1 if tiny else 7, TINY if tiny else 1000)
    return asyncio.run(at_rest(folder, TINY if tiny else 10_000, 0.2 if tiny else 10.0))


def run(
    parts: list[str], disk: str, *, tiny: bool, facts: Sequence[int], embed: int
) -> Iterator[Figure]:
    """Yield the figures of the parts."""
    for part in parts:
        with tempfile.TemporaryDirectory(dir=disk) as folder:
            os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")  # not the owner's own key
            yield from measured(Path(folder), part, tiny=tiny, facts=facts, embed=embed)


def main() -> None:
    """Measure and print; the exit code is 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; all")
    parser.add_argument("--tiny", action="store_true", help="a few of each, to see that it works")
    parser.add_argument("--disk", default=DISK, help="folder on a disk to work in")
    parser.add_argument("--facts", type=int, nargs="+", default=FACTS, help="sizes for memory")
    parser.add_argument("--embed", type=int, default=EMBED, help="facts embedded for real")
    given = parser.parse_args()
    busy = os.getloadavg()[0]
    parts = given.parts or list(PARTS)
    figures = list(run(parts, given.disk, tiny=given.tiny, facts=given.facts, embed=given.embed))
    print(table(figures))
    print(
        f"\n{os.cpu_count()} cores, load at the start {busy:.1f}, Python {sys.version.split()[0]}"
    )
    sys.exit(any(figure.missed for figure in figures) and not given.tiny)


if __name__ == "__main__":
    main()
