"""Model calls: what Equerry adds to each, how many run at once, and how long prompts are."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.inmemory.model import Scripted, ScriptedModel, called
from adapters.litellm.loading import load_litellm
from bench.figures import Figure, spread
from bench.model_server import model_server
from bench.turns import Screen
from bot.app import App, Overrides, build_app
from bot.config import Config, load_config
from bot.front import Front, Line
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest

TOGETHER = 64
HI_TARGET, HI_PEER = 1500.0, 8000.0
"""Prompt tokens of a plain "hi" with everything enabled; the peer is the smaller of the two."""
WARM_UP = 5
CAPS = """\
data_dir: {folder}/data
budget: {{operation_usd: 1, goal_usd: 1000000, day_usd: 1000000, month_usd: 1000000}}
"""
SERVED = """\
llm:
  api_base: {api_base}
  tiers:
    balanced: {{model: openai/x, prices: {{input_per_million: 1, output_per_million: 4}}}}
"""
EVERYTHING = """\
data_dir: {folder}/data
profile: {{name: Ada, company: Acme, timezone: Europe/Berlin}}
actions:
  mail: {{smtp: {{host: 127.0.0.1, from: ada@acme.example}}}}
  http: {{allow: [api.example.com]}}
  web: {{search: {{provider: searxng, url: "http://127.0.0.1:1"}}}}
"""
TYPICAL: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "hi": (),
    "remember that Bob's mail is bob@acme.example": (
        ("memory.remember", {"text": "Bob's mail is bob@acme.example"}),
    ),
    "add task send the invoice to Bob by friday": (
        ("task.add", {"title": "send the invoice to Bob", "due": "2026-11-27"}),
    ),
    "remind me friday 9am to call the bank": (
        ("reminder.set", {"text": "call the bank", "at": "2030-11-27T09:00"}),
    ),
    "note: the new price list is out": (("note.append", {"text": "the new price list is out"}),),
    "what is on my list?": (),
    "draft three lines that thank Ann for the workshop": (("write", {}),),
    "mail Bob that the invoice comes on friday": (
        (
            "mail.send",
            {"to": ["bob@acme.example"], "subject": "Invoice", "body": "It comes on Friday."},
        ),
    ),
    "note down a summary of my tasks and remind me of it tomorrow": (
        ("write", {}),
        ("note.append", {"text": "{{ t1.text }}"}),
        ("reminder.set", {"text": "read the summary", "at": "2030-11-28T09:00"}),
    ),
    "thanks": (),
}


async def models(folder: Path, count: int) -> list[Figure]:
    """Measure `count` calls of each kind, then the tokens of ten typical messages."""
    caps = CAPS.format(folder=folder / "instant")
    instant = ScriptedModel(_priced, most=Decimal("0.01"))
    async with _running(folder / "instant", caps, Overrides(model=instant)) as app:
        figures = spread("added to each model call", await _timed(_call(app), count))
    with model_server() as api_base:
        caps = CAPS.format(folder=folder / "served")
        config = caps + SERVED.format(api_base=api_base)
        async with _running(folder / "served", config) as app:
            figures += await _calls(app, api_base, count)
    config = EVERYTHING.format(folder=folder / "tokens")
    model = ScriptedModel(_answer)
    async with _running(folder / "tokens", config, Overrides(model=model)) as app:
        figures += await _tokens(app, model)
    return figures


@asynccontextmanager
async def _running(
    folder: Path, config: str, overrides: Overrides | None = None
) -> AsyncIterator[App]:
    async with build_app(_loaded(folder, config), overrides) as app:
        yield app


def _loaded(folder: Path, config: str) -> Config:
    folder.mkdir()
    file = folder / "config.yaml"
    file.write_text(config, encoding="utf-8")
    return load_config(file, {})


async def _calls(app: App, api_base: str, count: int) -> list[Figure]:
    litellm, words = await load_litellm(), [{"role": "user", "content": "hello"}]

    async def bare(_: int) -> None:
        await litellm.acompletion(
            model="openai/x", messages=words, api_base=api_base, api_key="none", max_retries=0
        )

    call = _call(app)
    alone = await _timed(bare, count)
    ours = await _timed(call, count)
    begun = time.perf_counter()
    await asyncio.gather(*(call(count + number) for number in range(TOGETHER)))
    together = (time.perf_counter() - begun) * 1000
    return [
        *spread("model call over HTTP, reserved and settled", ours),
        spread("the same through litellm alone", alone)[0],
        Figure(f"{TOGETHER} calls in parallel, all of them", together, "ms"),
    ]


def _call(app: App) -> Callable[[int], Awaitable[object]]:
    return lambda number: app.kernel.calls.complete("G1", _request(number))


def _priced(_request: ModelRequest) -> Scripted:
    return ModelAnswer(text="Hello.", usd=Decimal("0.001"), model="scripted")


def _request(number: int) -> ModelRequest:
    message = ModelMessage(role="user", content=f"hello {number}")
    return ModelRequest(agent="planner", tier="balanced", messages=(message,))


async def _timed(work: Callable[[int], Awaitable[object]], count: int) -> list[float]:
    took = []
    for number in range(-WARM_UP, count):
        start = time.perf_counter()
        await work(number)
        took.append((time.perf_counter() - start) * 1000)
    return took[WARM_UP:]


async def _tokens(app: App, model: ScriptedModel) -> list[Figure]:
    litellm = await load_litellm()
    front, screen = Front(app), Screen()
    app.attach(screen)
    turns = []
    for number, text in enumerate(TYPICAL):
        before = len(model.requests)
        await front.take(Line("terminal", "terminal", "owner", text, str(number)))
        await app.engine.idle()
        turns.append(sum(_length(litellm, request) for request in model.requests[before:]))
    calls = len(model.requests) / len(TYPICAL)
    return [
        Figure('prompt tokens of "hi", all enabled', turns[0], "", target=HI_TARGET, peer=HI_PEER),
        Figure("prompt tokens a turn, ten typical ones", sum(turns) / len(turns), ""),
        Figure("the longest of them", max(turns), ""),
        Figure("calls a turn", calls, ""),
    ]


def _length(litellm: Any, request: ModelRequest) -> int:  # noqa: ANN401 - a module without types
    messages = [{"role": one.role, "content": one.content} for one in request.messages]
    tools = [{"type": "function", "function": tool.model_dump()} for tool in request.tools]
    return int(litellm.token_counter(model="gpt-4o-mini", messages=messages, tools=tools or None))


def _answer(request: ModelRequest) -> Scripted:
    if request.agent != "planner":
        return called("submit_result", {"text": "Dear Ann, thank you for the workshop."})
    planned = TYPICAL.get(request.messages[-1].content, ())
    if not planned:
        return ModelAnswer(text="Hello. What can I do for you?", model="scripted")
    tasks = [_task(f"t{n}", action, args) for n, (action, args) in enumerate(planned, 1)]
    return called("submit_plan", {"title": "A plan", "tasks": tasks})


def _task(name: str, action: str, args: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"action": action, "args": args}
    if action == "write":
        given = {"instruction": "Write it.", "inputs": {}}
    agent = "assistant" if action == "write" else "executor"
    return {"id": name, "agent": agent, "input": given, "confidence": 0.95, "why": "you asked"}
