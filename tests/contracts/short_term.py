"""What every short-term memory keeps to; a test module subclasses this and gives the fixture."""

import asyncio

from core.ports.short_term import ShortTerm


class ShortTermContract:
    """`short_term` is the memory under test, empty and loaded."""

    async def pass_time(self, seconds: float) -> None:
        """Let time pass for the memory under test."""
        await asyncio.sleep(seconds)

    async def test_what_was_put_comes_back(self, short_term: ShortTerm) -> None:
        """Any text under any name, the newest one; nothing under a name nobody used."""
        assert await short_term.get("window:a") is None
        await short_term.put("window:a", "größer 🙂\n", 60)
        await short_term.put("window:b c\n", "", 60)
        await short_term.put("window:a", "newer 🙂\n", 60)
        assert await short_term.get("window:a") == "newer 🙂\n"
        assert await short_term.get("window:b c\n") == ""

    async def test_what_was_dropped_is_gone(self, short_term: ShortTerm) -> None:
        """Only that; dropping what is not there changes nothing."""
        await short_term.put("a", "1", 60)
        await short_term.put("b", "2", 60)
        await short_term.drop("a")
        await short_term.drop("nothing")
        assert (await short_term.get("a"), await short_term.get("b")) == (None, "2")

    async def test_what_was_kept_long_enough_is_gone(self, short_term: ShortTerm) -> None:
        """A text lasts as long as the newest put said."""
        await short_term.put("soon", "gone", 1)
        await short_term.put("again", "once", 1)
        await short_term.put("again", "kept", 60)
        await self.pass_time(1.2)
        assert await short_term.get("soon") is None
        assert await short_term.get("again") == "kept"
