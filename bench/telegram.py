"""From a tap on Telegram to its answer, over the Bot API emulator, while goals run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import yaml

from adapters.inmemory.model import ScriptedModel
from bench.figures import Figure, spread
from bench.turns import answer
from bot.app import Overrides, build_app
from bot.config import load_config
from bot.telegram.running import TelegramRunner
from core.ports.model import ModelAnswer, ModelRequest, OnDelta
from tests.servers.telegram import Chat, TelegramServer, User

GOALS = 20
PIECE_S = 0.05
"""How often each goal that is under way streams a piece of its reply."""
TARGETS = (50.0, None)
WORKERS, OWNERS = 1000, 2000
WITHIN_S = 60.0


class Busy(ScriptedModel):
    """Plans a note at once, and streams on with anything else until all is measured."""

    def __init__(self) -> None:
        super().__init__(answer)
        self.over = asyncio.Event()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Answer."""
        while "work" in request.messages[-1].content and not self.over.is_set():
            if on_delta is not None:
                on_delta("on it ")
            await asyncio.sleep(PIECE_S)
        return await super().complete(request, on_delta)


async def telegram(folder: Path, taps: int) -> list[Figure]:
    """Measure as many taps, each on a card of its own in a chat of its own."""
    with TelegramServer() as server:
        server.limits.enabled = False
        people = [_owner(server, WORKERS + number) for number in range(GOALS)]
        asked = [_owner(server, OWNERS + number) for number in range(taps)]
        ids = [user.id for user, _ in (*people, *asked)]
        model = Busy()
        async with _running(folder, server, ids, model):
            for user, chat in people:
                user.say(chat, "work")
            await server.wait_async(lambda: _typing(people), WITHIN_S)
            took = [await _tapped(user, chat) for user, chat in asked]
            model.over.set()
            for _, chat in people:
                await chat.wait_async("Hello.", WITHIN_S)
    return spread("tap to its answer while 20 goals run", took, targets=TARGETS)


def _owner(server: TelegramServer, number: int) -> tuple[User, Chat]:
    user = server.user(number, f"Owner {number}")
    return user, server.private(user, started=True)


def _typing(people: list[tuple[User, Chat]]) -> bool:
    """Whether every goal is seen to be under way."""
    return all(chat.actions for _, chat in people)


async def _tapped(user: User, chat: Chat) -> float:
    """Return the milliseconds from a tap to its answer."""
    user.say(chat, "note: milk and bread")
    card = await chat.wait_async(lambda message: message.rows, WITHIN_S)
    tap = await user.tap_async(card, "Accept", wait_s=WITHIN_S)
    await chat.wait_async("→", WITHIN_S, of=card)
    return (tap.after_s or WITHIN_S) * 1000


@asynccontextmanager
async def _running(
    folder: Path, server: TelegramServer, owners: list[int], model: Busy
) -> AsyncIterator[None]:
    config = folder / "config.yaml"
    settings = {
        "data_dir": str(folder / "data"),
        "profile": {"quiet_hours": None},
        "gates": {"actions": {"note.append": "review"}},
        "telegram": {"token": server.token, "api_base": server.api_base, "owner_ids": owners},
    }
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    async with build_app(load_config(config, {}), Overrides(model=model)) as app:
        serving = asyncio.create_task(TelegramRunner(app, lambda _text: None).run())
        try:
            yield
        finally:
            model.over.set()
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
