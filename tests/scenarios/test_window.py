"""Short-term memory on a real Redis server, with it stopped, started, emptied and spoilt."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.model import Scripted, ScriptedModel
from adapters.redis.short_term import PREFIX
from bot.app import Overrides
from core.ports.model import ModelRequest
from tests.scenarios.places import Place
from tests.scenarios.sitting import Sitting, sitting
from tests.servers.redis import RedisServer

if TYPE_CHECKING:
    import redis

TALK = [f"question {number} about the offer to Bob" for number in range(24)]
KEY = f"{PREFIX}window:terminal"
MESSAGE = re.compile(r"\[(?:M[0-9a-f]{16}|RG\d+)\]")
"""The name of a message; numbers are spent on events of health, too."""
Trouble = dict[int, Callable[[], object]]


def _answer(request: ModelRequest) -> Scripted:
    return f"Answer to {request.messages[-1].content}."


@asynccontextmanager
async def _talking(
    folder: Path, url: str | None
) -> AsyncIterator[tuple[Sitting, FakeClock, ScriptedModel]]:
    """Sit down at an application whose clock and names are the same each time."""
    place = Place(folder, {"storage": {"redis_url": url}})
    clock = FakeClock()
    model = ScriptedModel(_answer)
    async with sitting(place, Overrides(clock=clock, ids=SequentialIds(), model=model)) as talk:
        yield talk, clock, model


async def prompts(folder: Path, url: str | None, trouble: Trouble) -> list[str]:
    """Talk; before turn N do `trouble[N]`. Return every prompt that was sent."""
    async with _talking(folder, url) as (talk, clock, model):
        for number, line in enumerate(TALK):
            await asyncio.to_thread(trouble.get(number, int))
            clock.advance(20)
            await _settled(talk)
            assert await talk.say(line) == f"Answer to {line}."
        found = (
            "\n".join(message.content for message in request.messages) for request in model.requests
        )
        return [MESSAGE.sub("[]", text) for text in found]


def look_into(server: RedisServer, do: Callable[["redis.Redis"], object]) -> Callable[[], object]:
    """Return what does something on the server, behind the program's back."""
    import redis

    def trouble() -> object:
        with redis.Redis.from_url(server.url) as client:
            return do(client)

    return trouble


async def _settled(talk: Sitting) -> None:
    """Make the vectors of all that was said, which otherwise happens some time later."""
    knowledge = talk.app.kernel.recall.knowledge
    for indexer in knowledge.scopes.values():
        await indexer.catch_up()
        await indexer.embed(knowledge.embedder)


async def test_the_prompts_are_the_same_whatever_redis_does(
    tmp_path: Path, own_redis_server: RedisServer
) -> None:
    """Stopped in the middle, started empty, emptied, expired, spoilt: byte for byte the same."""
    server = own_redis_server
    seen: list[bool] = []

    def look(do: Callable[["redis.Redis"], object]) -> Callable[[], object]:
        def found(client: "redis.Redis") -> object:
            seen.append(bool(client.exists(KEY)))
            return do(client)

        return look_into(server, found)

    trouble: Trouble = {
        3: look(lambda client: client.flushall()),
        6: server.stop,
        10: server.start,
        13: look(lambda client: client.set(KEY, b"\xff\xfe garbage")),
        15: look(lambda client: client.set(KEY, '{"v": 2, "turns": []}')),
        17: look(lambda client: client.pexpire(KEY, 1)),
        20: look(lambda client: client.lpush(KEY + ":other", "x")),
        21: look(lambda client: (client.delete(KEY), client.lpush(KEY, "of another kind"))),
    }
    alone = await prompts(tmp_path / "alone", None, {})
    assert await prompts(tmp_path / "served", server.url, trouble) == alone
    assert seen == [True] * len(seen)
    assert len(seen) == 6
    assert TALK[22] in alone[23]
    assert TALK[15] in alone[23]


async def test_status_says_that_redis_is_away(
    tmp_path: Path, own_redis_server: RedisServer
) -> None:
    """While it is away in words, with the assistant going on; after that all is well."""
    async with _talking(tmp_path, own_redis_server.url) as (talk, _, _):
        await talk.say("hello")
        assert "All well." in await talk.say("/status")
        own_redis_server.stop()
        assert await talk.say("still there?") == "Answer to still there?."
        said = await talk.say("/status")
        assert "Redis does not answer" in said
        assert "Windows are made from the log instead: a little slower, nothing is lost." in said
        assert "All well" not in said
        own_redis_server.start()
        assert "All well." in await talk.say("/status")
        states = [event.payload["state"] for event in await talk.events("health.changed.v1")]
        assert states == ["failing", "well"]


async def test_an_app_that_never_finds_redis_works(tmp_path: Path) -> None:
    """With an address where nobody listens, from the first turn on."""
    async with _talking(tmp_path, "redis://127.0.0.1:9/0") as (talk, _, _):
        assert await talk.say("hello") == "Answer to hello."
        assert await talk.say("again") == "Answer to again."
        assert "Redis does not answer" in await talk.say("/status")
