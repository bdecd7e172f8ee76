"""Whose words are in a file: whatever is done to files in whatever order, no source is lost."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from adapters.files.safe_files import SafeFiles, Written
from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from core.domain.erasable import Erasable
from core.domain.errors import RefusedError
from core.domain.events import NewEvent
from core.domain.events.operations import OperationFinished
from core.domain.files import digest_of
from core.domain.sources import Source, Taint
from core.ports.read_models import ReadModels
from core.projections import ALL
from core.projections.files import bytes_row, place_row

NAMES = ("a.txt", "b.txt")
Step = tuple[str, str, Any]


@st.composite
def _steps(draw: DrawFn) -> list[Step]:
    """Draw what is done: written or added, by whom; undone; copied by hand."""
    done = st.one_of(
        st.tuples(st.sampled_from(["write", "append"]), st.sampled_from(NAMES), st.booleans()),
        st.tuples(st.just("undo"), st.just(""), st.integers(0, 20)),
        st.tuples(st.just("copy"), st.sampled_from(NAMES), st.none()),
    )
    return draw(st.lists(done, max_size=12))


class _Folder:
    """A folder of files, and the log that hears of what is done to them."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "files"
        self.root.mkdir()
        self.files = SafeFiles(self.root, folder / "journal", home=folder)
        self.store = MemoryStore(ALL, FakeClock(), SequentialIds())
        self.done: list[str] = []

    async def take(self, step: Step) -> None:
        """Do one step; what is refused changes nothing."""
        kind, name, more = step
        marker = f"m{len(self.done)}"
        if kind == "copy":
            other = NAMES[1 - NAMES.index(name)]
            if (self.root / name).exists():
                shutil.copy(self.root / name, self.root / other)
        elif kind == "undo":
            await self._undo(more, marker)
        else:
            text = f"{'outside' if more else 'own'}-{marker}\n"
            source = (Source(kind="web", ref=f"outside-{marker}"),) if more else ()
            files = self.files
            written = (
                await files.write(name, text.encode(), marker)
                if kind == "write"
                else await files.append(name, text, marker)
            )
            await self._finish(written, marker, source)

    async def _undo(self, number: int, marker: str) -> None:
        if not self.done:
            return
        try:
            written = await self.files.undo(self.done[number % len(self.done)], marker)
        except RefusedError:
            return
        await self._finish(written, marker, ())

    async def _finish(self, written: Written, marker: str, sources: Taint) -> None:
        self.done.append(marker)
        finished = OperationFinished(
            marker=marker,
            task="t1",
            action="file.write",
            attempt=1,
            output=Erasable.of({}),
            said=Erasable.of(""),
            sources=sources,
            written=written.change,
        )
        await self.store.append([NewEvent(stream="goal:G1", payload=finished, goal="G1")])

    async def missing(self) -> set[str]:
        """Return the outside words that are in a file without their source being known."""
        found: set[str] = set()
        for file in self.root.iterdir():
            known = await _known(self.store, f"files/{file.name}", digest_of(file.read_bytes()))
            words = {line for line in file.read_text().split() if line.startswith("outside")}
            found |= words - known
        return found


async def _known(rows: ReadModels, place: str, digest: str) -> set[str]:
    there = [await rows.get("files", key) for key in (place_row(place), bytes_row(digest))]
    docs: list[Mapping[str, Any]] = [row.doc for row in there if row is not None]
    return {source["ref"] for doc in docs for source in doc["sources"]}


@settings(deadline=None, max_examples=60)
@given(_steps())
async def test_no_source_is_lost(steps: list[Step]) -> None:
    """After any sequence every outside line that a file holds has its source on the log."""
    with tempfile.TemporaryDirectory() as folder:
        place = _Folder(Path(folder))
        for step in steps:
            await place.take(step)
            assert await place.missing() == set()
        before, after = await place.store.rebuild()
        assert before == after
