"""`run` as a process of its own, in front of the emulator."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scenarios.telegram.phone import CODE, Phone

ROOT = Path(__file__).parents[3]


def command(phone: Phone) -> list[str]:
    """Return the command line that runs the program."""
    return [sys.executable, "-m", "bot", "--config", str(phone.place.file), "run"]


@contextmanager
def run(phone: Phone, out: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the program, its screen in a file, until the block ends."""
    with out.open("ab") as file:
        process = subprocess.Popen(command(phone), cwd=ROOT, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def printed_code(out: Path) -> str:
    """Return the pairing code as soon as it is on the screen."""
    until = time.monotonic() + 20
    while not (found := CODE.findall(out.read_text("utf-8"))):
        assert time.monotonic() < until, out.read_text("utf-8")
        time.sleep(0.05)
    return str(found[-1])
