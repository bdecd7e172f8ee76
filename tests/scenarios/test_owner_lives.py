"""Lives of an owner against a model that answers in all shapes, and fails now and then.

A small number of them here; `--lives 200` runs as many, from `--lives-seed` on (`make lives`).
"""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from adapters.system.clock import SystemClock
from bot.app import Overrides
from tests.scenarios.places import Place
from tests.scenarios.serving import served
from tests.scenarios.sitting import Sitting, sitting
from tests.servers.openai import stream
from tests.servers.shaped import ShapedServer
from tests.servers.shapes import THOUGHT

LINES = (
    "hello",
    "please note that the printer is broken",
    "remind me to call Acme",
    "what did I ask you to do?",
    "write a greeting for Bob",
    "remember that the wifi code is 4321",
    "forget the wifi code",
    "add a task: taxes",
    "yes",
    "accept",
    "reject: not now",
    "/status",
    "/why",
    "/inbox",
    "/undo",
    "/memory",
    "/cost",
    "/stop",
    "и ещё одна заметка, пожалуйста",
    "what does <think> mean?",
    "",
)
LENGTH = (6, 12)
RESTARTS = 0.15
NEVER = ("Something broke", "Traceback", THOUGHT[10:30], "<tool_call", "<|", "</think>", "[ARGS]")


FASTER = 20
"""A life waits mostly for what failed to be tried again, up to 10 s each time."""


class HurriedClock(SystemClock):
    """Shows time as it passes, only faster; it is one clock for all sittings of a life."""

    def __init__(self) -> None:
        self._began, self._up = datetime.now(UTC), super().uptime()

    def now(self) -> datetime:
        """Return the time that it shows."""
        return self._began + timedelta(seconds=self.uptime() - self._up)

    def uptime(self) -> float:
        """Return the seconds that it has measured."""
        return self._up + (super().uptime() - self._up) * FASTER

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of its own."""
        await super().sleep(seconds / FASTER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Draw as many lives as the command line asks for."""
    option = metafunc.config.getoption
    first = option("--lives-seed")
    metafunc.parametrize("seed", range(first, first + option("--lives")))


async def live(talk: Sitting, chance: random.Random, lines: int) -> bool:
    """Say some lines; return whether the owner starts the program again before the next."""
    for _ in range(lines):
        said = await talk.say(chance.choice(LINES))
        shown = "".join(progress.delta for progress in talk.surface.progressed)
        for words in NEVER:
            assert words not in said, said
            assert words not in shown, shown
        if chance.random() < RESTARTS:
            return True
    return False


async def test_no_life_ends_in_something_broken(place: Place, seed: int) -> None:
    """Whatever shape an answer has, the next line works, and what is kept is whole."""
    chance = random.Random(seed)
    hurried = Overrides(clock=HurriedClock())
    with ShapedServer(seed) as server:
        served(place, server, timeout_s=5)
        again = True
        while again:
            async with sitting(place, hurried) as talk:
                again = await live(talk, chance, chance.randint(*LENGTH))
        async with sitting(place, hurried) as talk:
            server.only(stream(["Fine."]))
            assert "Problem" not in await talk.say("/status")
            assert THOUGHT[10:30] not in json.dumps([str(one) for one in await talk.events()])
            assert (await talk.app.store.verify()).problem is None
