"""An index of memory fails while Telegram is served: told once, over once, and never as storage."""

import pytest

from core.memory.index import keeper
from tests.scenarios.telegram.phone import Phone
from tests.scenarios.telegram.test_storage_faults import warnings_in
from tests.scenarios.test_memory_away import files_again, folders


async def test_it_is_told_once_and_when_it_is_over(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages are answered as before meanwhile, and `/status` says what is the matter."""
    monkeypatch.setattr(keeper, "AGAIN_S", 0.2)
    phone.place.configure(gates={})
    async with phone.running():
        await phone.pair()
        await phone.say("note: before", "Added to notes.md: before")
    folders(phone.place)
    async with phone.running():
        await phone.say("note: during", "Added to notes.md: during")
        warned = await phone.chat.wait_async("⚠️ Memory cannot be searched")
        assert "a folder is in its place" in warned.text
        status = await phone.say("/status", "cards wait for you")
        assert "a folder is in its place" in status.text
        assert "All well" not in status.text
        await phone.say("note: still", "Added to notes.md: still")
        files_again(phone.place)
        await phone.chat.wait_async("✅ Memory can be searched again")
        status = await phone.say("/status", "cards wait for you")
        assert "All well" in status.text
        health = [event.payload for event in await phone.events("health.changed.v1")]
        assert [(one["part"], one["state"]) for one in health] == [
            ("memory", "failing"),
            ("memory", "well"),
        ]
    assert warnings_in(phone.chat) == ["fails"]
    said = [m.text for m in phone.chat.from_bot if "Memory can" in m.text]
    assert len(said) == 2
