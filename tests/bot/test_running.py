"""`run` and what never ends."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.scenarios.places import Place
from tests.scenarios.program import ROOT, environment

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
    await asyncio.to_thread(hang)
    yield

running.build_app, running.LEAVE_S = build_app, 0.1
asyncio.run(running.Service(load_config(Path(sys.argv[1]), {})).run())
"""


def test_a_thread_that_hangs_for_ever_holds_up_no_sigterm(tmp_path: Path) -> None:
    """A name server that does not answer, a dead network disk: the process is gone all the same."""
    place = Place(tmp_path / "place", {"telegram": {"token": "1:x", "api_base": "http://[::1]:9"}})
    process = subprocess.Popen(
        [sys.executable, "-c", HANGS, str(place.file)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == "hangs\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "asyncio_0" in place.log_text()
