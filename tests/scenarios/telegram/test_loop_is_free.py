"""A card is drawn beside the loop: what it shows may be as long as a file."""

import pytest

from tests.scenarios.telegram.phone import Phone
from tests.scenarios.test_loop_is_free import Heart


async def test_a_card_is_drawn(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open, and decided."""
    heart = Heart(monkeypatch)
    heart.watch("adapters.telegram.surface", "card_parts")
    heart.watch("adapters.telegram.surface", "card_message")
    async with phone.running(), heart.beating():
        await phone.pair()
        card = await phone.card("note: buy milk")
        open_ones = len(heart.free)
        assert open_ones
        await phone.owner.tap_async(card, "Accept")
        await phone.chat.wait_async("Added")
        await phone.appended("operation.finished.v1")
    assert len(heart.free) > open_ones
    assert all(heart.free)
