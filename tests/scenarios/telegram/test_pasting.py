"""How long a message waits for what belongs to it: a paste is one turn, a short text waits less."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.inmemory.model import ScriptedModel
from adapters.telegram.incoming import Person, Said
from adapters.telegram.places import Place
from bot.app import Overrides
from bot.telegram.inbox import settling_time
from core.domain.inbound import Attachment
from tests.scenarios.telegram.phone import Phone

PAUSE_S = 0.9
"""Between the parts of a paste on a slow line, and between two turns of somebody who types."""
PART = "word " * 810
SAID = Said(1, Place("42"), Person("42", "Ada"), "hi", datetime(2026, 12, 1, tzinfo=UTC), 1, True)
VOICE = Attachment(name="v.ogg", media_type="audio/ogg", size=1, ref="r", kind="voice")
PICTURE = VOICE.model_copy(update={"kind": "picture"})


async def test_the_parts_of_a_paste_are_one_turn(phone: Phone) -> None:
    """Each is sent when the one before it has arrived; the last one is short."""
    model = ScriptedModel(lambda request: f"{len(request.messages[-1].content.split())} words")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        for text in (PART, PART, "and the end"):
            phone.owner.say(phone.chat, text)
            await asyncio.sleep(PAUSE_S)
        await phone.chat.wait_async("1623 words")
        assert len(await phone.events("goal.started.v1")) == 1


async def test_what_is_typed_one_after_the_other_is_answered_at_once(phone: Phone) -> None:
    """A short text waits for a fifth of a second."""
    async with phone.running(Overrides(model=ScriptedModel(lambda _: "Yes."))):
        await phone.pair()
        for text in ("are you there", "and now"):
            phone.owner.say(phone.chat, text)
            await asyncio.sleep(PAUSE_S)
        await phone.appended("goal.started.v1")
        first, second = await phone.events("message.received.v1")
        for one in (first, second):
            settles = datetime.fromisoformat(one.payload["settles"])
            assert settles - one.at <= timedelta(seconds=0.2)
        await phone.chat.wait_async(lambda _: len(phone.chat.from_bot) > 2)
        assert len(await phone.events("goal.started.v1")) == 2


@pytest.mark.parametrize(
    ("change", "least", "most"),
    [
        ({}, 0.15, 0.2),
        ({"text": "x" * 320}, 0.15, 0.2),
        ({"text": "x" * 2_000}, 0.15, 0.2),
        ({"text": "x" * 4_096}, 1.5, 2),
        ({"text": "x" * 3_900}, 1.5, 2),
        ({"text": "\U0001f600" * 2_000}, 1.5, 2),
        ({"text": "x" * 4_000, "forwarded": True}, 1.5, 2),
        ({"text": "x" * 4_000, "edited": True}, 0.15, 0.2),
        ({"forwarded": True}, 0.1, 0.1),
        ({"files": (PICTURE,)}, 0.7, 0.7),
        ({"files": (VOICE,)}, 0.15, 0.2),
        ({"followed": True}, 0.7, 0.7),
    ],
)
def test_each_kind_of_message_waits_as_long_as_it_needs(
    change: dict[str, object], least: float, most: float
) -> None:
    """Telegram counts UTF-16 units."""
    assert least <= settling_time(replace(SAID, **change)).total_seconds() <= most  # type: ignore[arg-type]
