"""When litellm is loaded: at the first call or before it, never to be closed."""

import subprocess
import sys
import time
from pathlib import Path

from tests.waiting import PROGRAM_S

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, sys, threading, time
from adapters.litellm import loading
from adapters.litellm.model import LiteLlmModel
from adapters.litellm.tiers import TierConfig
model = LiteLlmModel({"fast": TierConfig("m")})
"""


def run(code: str) -> float:
    """Run a program to its end; return how long it took."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", PROGRAM + code], cwd=ROOT, check=True, timeout=PROGRAM_S)
    return time.perf_counter() - began


def test_closing_loads_nothing() -> None:
    """A model that was never called is closed without seconds of import."""
    run("asyncio.run(model.close()); assert 'litellm' not in sys.modules")


def test_warming_returns_at_once_and_does_not_hold_up_the_exit() -> None:
    """The import goes on in the background, once, and is left behind at the end of the program."""
    run(
        "began = time.perf_counter(); model.warm(); model.warm()\n"
        "assert time.perf_counter() - began < 0.5\n"
        "assert [t.name for t in threading.enumerate()].count('load') == 1\n"
        "asyncio.run(model.close())\n"
        "sys.exit(loading.loaded_litellm() is not None)"
    )


def test_a_call_waits_for_what_was_warmed() -> None:
    """Whoever needs the module gets the one that is being loaded."""
    run(
        "model.warm()\n"
        "module = asyncio.run(loading.load_litellm())\n"
        "assert module is sys.modules['litellm'] is loading.loaded_litellm()\n"
        "asyncio.run(model.close())"
    )
