"""`run` and what never ends, or comes and goes."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cli import running
from core.domain.errors import StoreAwayError
from tests.scenarios.places import Place
from tests.scenarios.program import ROOT, environment
from tests.waiting import PATIENCE_S

HANGS = """
import asyncio, sys, threading
from contextlib import asynccontextmanager
from pathlib import Path
from bot.cli import running
from bot.config import load_config

def hang():
    print("hangs", flush=True)
    threading.Event().wait()

@asynccontextmanager
async def build_app(config, **_):
    await asyncio.to_thread(hang) if sys.argv[2] == "thread" else hang()
    yield

running.build_app, running.LEAVE_S = build_app, 0.1
asyncio.run(running.Service(load_config(Path(sys.argv[1]), {})).run())
"""


@pytest.mark.parametrize("place_of_it", ["thread", "loop"])
def test_what_hangs_for_ever_holds_up_no_sigterm(tmp_path: Path, place_of_it: str) -> None:
    """A name server that does not answer, a dead network disk: the process is gone all the same."""
    place = Place(tmp_path / "place", {"telegram": {"token": "1:x", "api_base": "http://[::1]:9"}})
    process = subprocess.Popen(
        [sys.executable, "-c", HANGS, str(place.file), place_of_it],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == "hangs\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert "the end was held up" in place.log_text()
    assert ("asyncio_0" in place.log_text()) == (place_of_it == "thread")


async def test_one_alarm_tells_of_a_store_that_comes_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows what was told a moment ago, so that owners are not told at every start."""
    alarms, starts, heard = 0, 0, list[str]()

    class Alarm:
        def heard(self, sentence: str) -> None:
            heard.append(sentence)

    @asynccontextmanager
    async def start_alarm(_config: object) -> AsyncIterator[Alarm]:
        nonlocal alarms
        alarms += 1
        yield Alarm()

    @asynccontextmanager
    async def build_app(_config: object, **_: object) -> AsyncIterator[None]:
        nonlocal starts
        starts += 1
        if starts % 2:
            message = "It is away."
            raise StoreAwayError(message)
        yield

    async def serve(_app: object) -> None:
        message = "It is away again."
        raise StoreAwayError(message)

    monkeypatch.setattr("bot.telegram.alarm.start_alarm", start_alarm)
    monkeypatch.setattr(running, "build_app", build_app)
    monkeypatch.setattr(running, "_serve", serve)
    monkeypatch.setattr(running, "start_logging", lambda _config: None)
    monkeypatch.setattr(running, "PAUSES_S", (0.0,))
    place = Place(tmp_path / "place", {"telegram": {"token": "1:x"}})
    staying = asyncio.create_task(running.Service(place.config())._stay())
    async with asyncio.timeout(PATIENCE_S):
        while starts < 5:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
    staying.cancel()
    await asyncio.gather(staying, return_exceptions=True)
    assert alarms == 1
    assert heard[:4] == ["It is away.", "", "It is away again.", ""]
