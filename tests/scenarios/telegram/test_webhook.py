"""The webhook: Telegram calls this program, and only Telegram may."""

import socket

import httpx

from adapters.inmemory.model import ScriptedModel
from adapters.telegram.webhook import SECRET_HEADER
from bot.app import Overrides
from tests.scenarios.telegram.phone import Phone

SECRET = "a-secret-of-the-hook"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def hooked(phone: Phone) -> str:
    """Configure the webhook; return its address."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    hook = {"url": url, "secret": SECRET, "host": "127.0.0.1", "port": port}
    settings = {"token": phone.server.token, "api_base": phone.server.api_base}
    phone.place.configure(telegram={**settings, "mode": "webhook", "webhook": hook})
    return url


async def test_updates_arrive_by_webhook(phone: Phone) -> None:
    """Talk and taps work as with polling; what was written before the start is delivered."""
    hooked(phone)
    model = ScriptedModel(lambda request: f"Re: {request.messages[-1].content}")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        assert (await phone.say("hello", "Re: hello")).text == "Re: hello"
    phone.owner.say(phone.chat, "still there?")
    async with phone.running(Overrides(model=model)):
        await phone.chat.wait_async("Re: still there?")
    assert phone.server.violations == []


async def test_a_call_without_the_secret_is_refused(phone: Phone) -> None:
    """Wrong secret, no secret: 403 and nothing is read; what is no update is 400."""
    url = hooked(phone)
    async with phone.running(), httpx.AsyncClient() as client:
        await phone.pair()
        forged = {
            "update_id": 1,
            "message": {
                "message_id": 999,
                "date": 1,
                "chat": {"id": phone.owner.id, "type": "private"},
                "from": {"id": phone.owner.id, "is_bot": False, "first_name": "Ada"},
                "text": "/pause",
            },
        }
        for headers in ({}, {SECRET_HEADER: "guess"}):
            answer = await client.post(url, json=forged, headers=headers)
            assert answer.status_code == 403
        assert not await phone.events("autonomy.paused.v1")
        good = {SECRET_HEADER: SECRET}
        assert (await client.post(url, content=b"{", headers=good)).status_code == 400
        assert (await client.post(url, json=[1], headers=good)).status_code == 400
        assert (await client.post(url, json=forged, headers=good)).status_code == 200
        assert len(await phone.events("autonomy.paused.v1")) == 1


async def test_what_cannot_be_read_is_not_asked_for_again(phone: Phone) -> None:
    """No type of content, fields left out, an update that is none: 200, and the next one counts."""
    url = hooked(phone)
    good = {SECRET_HEADER: SECRET}
    async with phone.running(), httpx.AsyncClient() as client:
        await phone.pair()
        broken = b'{"update_id": 1, "message": {"chat": "?", "from": 5}}'
        assert (await client.post(url, content=broken, headers=good)).status_code == 200
        here = b'"chat": {"id": 42}, "from": {"id": 42}'
        bare = b'{"update_id": 2, "message": {%b, "text": "/pause"}}' % here
        assert (await client.post(url, content=bare, headers=good)).status_code == 200
        assert len(await phone.events("autonomy.paused.v1")) == 1
