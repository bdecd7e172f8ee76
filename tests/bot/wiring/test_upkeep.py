"""What goes on beside the engine, and what is let go at the end."""

import asyncio
from datetime import timedelta

from bot.wiring.upkeep import close_all, keep_up, warm
from core.agents.call_events import packed, unpacked
from core.domain.errors import StorageError
from core.domain.events import NewEvent, decode
from core.domain.events.models import ModelCalled, PromptsExpired
from core.ports.event_log import EventQuery
from core.telemetry.retention import KEPT
from tests.core.support.world import World


def call(number: int) -> NewEvent:
    """Return the event of a call with its prompt."""
    payload = ModelCalled(
        call=f"c{number}",
        day="2026-11-02",
        agent="planner",
        tier="fast",
        model="m",
        usd="0",  # type: ignore[arg-type] # read as a decimal
        latency_ms=1,
        outcome="ok",
        prompt=packed([f"prompt {number}"]),
        answer=packed({"text": f"answer {number}"}),
    )
    return NewEvent(stream="calls:G1", payload=payload, goal="G1")


async def kept(world: World) -> list[str]:
    """Return the prompts that can still be read."""
    events = await world.kernel.events(EventQuery(type=ModelCalled.wire))
    payloads = [p for p in map(decode, events) if isinstance(p, ModelCalled)]
    texts = [unpacked(p.prompt) for p in payloads if p.prompt]
    return [text for text in texts if text is not None]


async def rest() -> None:
    """Let others run."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_prompts_and_answers_are_erased_after_thirty_days() -> None:
    """At the start and once a day; the chain still verifies, and what is left is named."""
    world = World()
    await world.store.append([call(1)])
    world.clock.advance((KEPT - timedelta(days=1)).total_seconds())
    await world.store.append([call(2)])
    task = asyncio.create_task(keep_up(world.kernel))
    await rest()
    assert len(await kept(world)) == 2
    world.clock.advance(timedelta(days=1).total_seconds())
    await rest()
    assert await kept(world) == ['["prompt 2"]']
    assert [len(p.calls) for p in world.events(PromptsExpired)] == [1]
    assert [row.key for row in await world.rows("prompts")] == ["c2:2"]
    world.clock.advance(KEPT.total_seconds())
    await rest()
    assert await kept(world) == []
    verified = await world.store.verify()
    assert (verified.problem, verified.erased) == (None, 4)
    task.cancel()


async def test_a_store_that_is_away_is_asked_again_tomorrow() -> None:
    """A failure is logged, and the next day's turn does the work."""
    world = World()
    await world.store.append([call(1)])
    world.clock.advance(KEPT.total_seconds())
    world.store.failure = StorageError("The disk is full.")
    task = asyncio.create_task(keep_up(world.kernel))
    await rest()
    world.store.failure = None
    world.clock.advance(timedelta(days=1).total_seconds())
    await rest()
    assert await kept(world) == []
    assert len(world.events(PromptsExpired)) == 1
    task.cancel()


class Part:
    """Something that can be warmed and closed."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def warm(self) -> None:
        """Be warmed."""
        self.calls.append("warm")

    async def close(self) -> None:
        """Be closed."""
        self.calls.append("close")


async def test_only_what_can_be_is_warmed_and_closed() -> None:
    """A part that holds nothing is left alone."""
    part = Part()
    for one in (part, object()):
        warm(one)
    await close_all((object(), part))
    assert part.calls == ["warm", "close"]
