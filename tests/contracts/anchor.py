"""What every place of an anchor does."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.ports.anchor import Anchor, Anchored, Doubt, Kept, Mark


def mark(position: int, *, log: str = "a", hash_of: str = "b") -> Mark:
    """Return a mark at a position."""
    at = "2026-11-23T09:00:00.000000+00:00"
    return Mark(log=log * 64, position=position, hash=hash_of * 64, at=at)


class AnchorContract:
    """The suite; implementations give the fixture `anchor`, empty."""

    @pytest.fixture
    def anchor(self) -> Anchor:
        """Give an anchor that nothing was written to."""
        raise NotImplementedError

    async def test_there_is_none_at_first(self, anchor: Anchor) -> None:
        """An empty place holds nothing, and names itself."""
        seen = await anchor.load()
        assert (seen.kept, seen.anchored, seen.copy, seen.trouble) == (Kept.ABSENT, None, None, "")
        assert anchor.place

    async def test_what_was_written_is_there(self, anchor: Anchor) -> None:
        """The mark and its doubts come back, from the place and from the copy."""
        doubt = Doubt(mark=mark(9), why="behind", ended=3, found="2026-11-23T09:00:00")
        for new in (Anchored(mark=mark(3)), Anchored(mark=mark(4), doubts=(doubt,))):
            written = await anchor.swap(await anchor.load(), new)
            seen = await anchor.load()
            assert written == seen
            assert (seen.kept, seen.anchored, seen.copy) == (Kept.SIGNED, new, new)

    async def test_what_changed_in_between_is_not_replaced(self, anchor: Anchor) -> None:
        """Whoever saw an older state is told so, and sees what is there when he looks again."""
        old = await anchor.load()
        assert await anchor.swap(old, Anchored(mark=mark(5))) is not None
        assert await anchor.swap(old, Anchored(mark=mark(4))) is None
        seen = await anchor.load()
        assert seen.anchored == Anchored(mark=mark(5))
        assert await anchor.swap(replace(seen, token="00"), Anchored(mark=mark(6))) is None

    async def test_of_several_that_write_at_once_each_is_told(self, anchor: Anchor) -> None:
        """Of swaps from one state exactly one takes place."""
        seen = await anchor.load()
        swaps: list[Any] = [anchor.swap(seen, Anchored(mark=mark(n))) for n in range(1, 9)]
        done = [one for one in await asyncio.gather(*swaps) if one is not None]
        assert len(done) == 1
        assert await anchor.load() == done[0]
