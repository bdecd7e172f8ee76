"""From an inbound message to its reply, in a running application, without model time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.inmemory.model import Scripted, ScriptedModel, called
from bench.figures import Figure, spread
from bot.app import App, Overrides, build_app
from bot.config import load_config
from bot.front import Front, Line
from core.domain.inbound import Attachment
from core.ports.chat_surface import CardView, Outbound, Progress
from core.ports.model import ModelRequest

WARM_UP = 50
TARGETS = (15.0, 40.0)
PEERS = (82.0, 100.0)
"""A peer with an in-memory queue and no durability, on the same machine."""


class Screen:
    """A surface that only notices that a reply came."""

    channel = "terminal"
    follows_results = False

    def __init__(self) -> None:
        self.replied = asyncio.Event()

    async def send(self, outbound: Outbound) -> str:
        """Take a reply."""
        self.replied.set()
        return outbound.message

    async def show_card(self, view: CardView) -> str:
        """Take a card."""
        return view.card

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Take the end of a card."""

    async def fetch(self, attachment: Attachment) -> bytes:
        """Have no file."""
        return b""

    def progress(self, progress: Progress) -> None:
        """Drop it."""


def answer(request: ModelRequest) -> Scripted:
    """Answer at once: a note is planned, anything else is talk."""
    text = request.messages[-1].content
    if "note:" not in text:
        return "Hello. What can I do for you?"
    task = {
        "id": "t1",
        "agent": "executor",
        "input": {"action": "note.append", "args": {"text": "milk and bread"}},
        "confidence": 0.95,
        "why": "you asked",
    }
    return called("submit_plan", {"title": "Note", "tasks": [task]})


async def turns(folder: Path, count: int) -> list[Figure]:
    """Measure talk, then messages with one automatic effect, `count` each after warm-up."""
    async with _running(folder) as app:
        talk, talk_ms = await _turns(app, "hello {}", count)
        effect, effect_ms = await _turns(app, "note: milk and bread {}", count)
    return [
        *spread("message to reply, talk", talk, targets=TARGETS, peers=PEERS),
        Figure("processor time of it, all in all", talk_ms, "ms"),
        *spread("message to reply, one effect", effect),
        Figure("processor time of that", effect_ms, "ms"),
    ]


async def talk_among(folder: Path, count: int) -> list[float]:
    """Return the milliseconds from message to reply on a place that is in use."""
    async with _running(folder) as app:
        return (await _turns(app, "hello {}", count))[0]


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[App]:
    config = folder / "config.yaml"
    config.write_text(f"data_dir: {folder / 'data'}\n", encoding="utf-8")
    async with build_app(load_config(config, {}), Overrides(model=ScriptedModel(answer))) as app:
        yield app


async def _turns(app: App, text: str, count: int) -> tuple[list[float], float]:
    """Return the milliseconds of each turn, and the processor's for one, with what follows it."""
    screen, front, took = Screen(), Front(app), []
    app.attach(screen)
    before = 0.0
    for number in range(WARM_UP + count):
        if number == WARM_UP:
            before = time.process_time()
        line = Line("terminal", "terminal", "owner", text.format(number), f"{text}{number}")
        screen.replied.clear()
        start = time.perf_counter()
        await front.take(line)
        await screen.replied.wait()
        took.append((time.perf_counter() - start) * 1000)
        await app.engine.idle()
    return took[WARM_UP:], (time.process_time() - before) * 1000 / count
