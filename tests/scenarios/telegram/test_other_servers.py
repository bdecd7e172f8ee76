"""Servers of the Bot API that are less exact than Telegram: emulators, proxies, mocks."""

import asyncio
from typing import Any

import pytest

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.telegram.phone import Phone
from tests.servers.telegram import Chat, TelegramServer
from tests.servers.telegram.model import Json

KNOWN = {"getme", "getupdates", "sendmessage", "editmessagetext", "answercallbackquery"}
SPOKEN = ("message_id", "text", "from", "chat", "message", "data", "id", "edit_date")


def bare(method: str, whole: Json) -> tuple[int, Json]:
    """Leave out all that can be left out, know few methods, and say no with a code of 200."""
    if method not in KNOWN:
        return 404, {"ok": False, "description": "Not Found"}
    if not whole["ok"]:
        return 200, {"ok": False, "description": whole["description"]}
    result = whole["result"]
    if method == "getme":
        return 200, {"ok": True, "result": {"id": result["id"], "username": result["username"]}}
    if method == "getupdates":
        return 200, {"ok": True, "result": [_bared(update) for update in result]}
    return 200, {"ok": True, "result": True if method == "editmessagetext" else result}


def _bared(update: Json) -> Json:
    kind = next(name for name in update if name != "update_id")
    said: dict[str, Any] = {name: update[kind][name] for name in SPOKEN if name in update[kind]}
    said["from"] = {"id": said["from"]["id"]}
    if "chat" in said:
        said["chat"] = {"id": said["chat"]["id"]}
    if "message" in said:
        said["message"] = {"chat": {"id": said["message"]["chat"]["id"]}}
    return {"update_id": update["update_id"], kind: said}


@pytest.fixture
def elsewhere(phone: Phone, telegram_server: TelegramServer) -> Phone:
    """Give a phone whose server is a bare one."""
    telegram_server.answer_otherwise(bare)
    return phone


async def test_the_whole_way_on_a_bare_server(elsewhere: Phone) -> None:
    """Pair, ask, edit with a plain message, accept, read the result: as on Telegram."""
    phone = elsewhere
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await phone.owner.tap_async(card, "Edit")
        prompt = await phone.chat.wait_async("reply with the new text", after=card.id)
        draft = await phone.say("buy oat milk", "took this as the new text")
        assert draft.buttons == [["Accept", "Edit again"], ["Back to the old one"]]
        await phone.owner.tap_async(draft, "Accept")
        await phone.chat.wait_async("Accepted with changes by you", of=card)
        await phone.chat.wait_async("Added to notes.md: buy oat milk", after=prompt.id)
    assert phone.place.note().read_text("utf-8").count("milk") == 1


async def test_a_server_that_holds_no_poll_is_not_asked_without_end(elsewhere: Phone) -> None:
    """It is asked a few times a second, not as fast as it answers."""
    async with elsewhere.running():
        await elsewhere.pair()
        before = len(elsewhere.server.calls_of("getUpdates"))
        await asyncio.sleep(2)
        assert 2 <= len(elsewhere.server.calls_of("getUpdates")) - before <= 8


async def test_a_server_that_forgets_nothing_is_answered_once(phone: Phone) -> None:
    """It tells every update with every poll, whatever was confirmed."""
    told: list[Json] = []

    def unforgetting(method: str, whole: Json) -> tuple[int, Json]:
        if method == "getupdates" and whole["ok"]:
            told.extend(one for one in whole["result"] if one not in told)
            return 200, {"ok": True, "result": told}
        return 200, whole

    phone.server.answer_otherwise(unforgetting)
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await phone.owner.tap_async(card, "Edit")
        await phone.chat.wait_async("reply with the new text", after=card.id)
        await asyncio.sleep(1.5)
        prompts = [m for m in phone.chat.from_bot if "reply with the new text" in m.text]
        assert len(prompts) == 1


async def test_a_server_that_numbers_anew_is_heard(phone: Phone) -> None:
    """Messages and taps with the numbers of others are new ones: no date is the same."""
    model = ScriptedModel(lambda request: f"Re: {request.messages[-1].content}")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        await phone.say("hello", "Re: hello")
    with TelegramServer() as other:
        settings = {"token": other.token, "api_base": other.api_base}
        phone.place.configure(telegram=settings)
        owner = other.user(phone.owner.id, "Ada")
        chat = other.private(owner)
        await asyncio.sleep(1)
        async with phone.running(Overrides(model=model)):
            await _asked(chat, "you again", owner.say(chat, "you again").id)
            await _asked(chat, "and again", owner.say(chat, "and again").id)


async def _asked(chat: Chat, text: str, number: int) -> None:
    answer = await chat.wait_async(f"Re: {text}", after=number)
    assert not answer.text.startswith("🔁")


async def test_an_update_that_cannot_be_read_holds_up_no_other(
    phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left out, with a line in the log; what comes with it is answered."""

    def broken(method: str, whole: Json) -> tuple[int, Json]:
        if method == "getupdates" and whole["ok"] and whole["result"]:
            first = whole["result"][0]["update_id"]
            poison = {"update_id": first, "message": {"chat": "?", "from": 5}}
            whole = {"ok": True, "result": [poison, *whole["result"]]}
        return 200, whole

    phone.server.answer_otherwise(broken)
    async with phone.running():
        await phone.pair()
        assert "cards wait" in (await phone.say("/status", "cards wait")).text
    assert "cannot be read (TypeError) and is left out" in caplog.text
