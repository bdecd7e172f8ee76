"""The real program as a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.scenarios.places import Place
from tests.waiting import PROGRAM_S

ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


class Program:
    """`python -m bot` on a place. A traceback anywhere fails the test."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def run(
        self, *args: str, stdin: str | bytes = "", prefix: Sequence[str] = (), **env: str
    ) -> Done:
        """Run a command to its end; `prefix` is a program that starts it."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        ended = subprocess.run(
            [*prefix, *self.command(*args)],
            input=given,
            capture_output=True,
            cwd=ROOT,
            env=environment(**env),
            timeout=PROGRAM_S,
            check=False,
        )
        done = Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        assert "Traceback" not in done.out + done.err, done
        return done

    def ok(self, *args: str, stdin: str | bytes = "") -> str:
        """Run a command that must succeed without a word on stderr; return what it said."""
        done = self.run(*args, stdin=stdin)
        assert (done.code, done.err) == (0, ""), done
        return done.out

    def chat(self, *lines: str, code: int = 0) -> str:
        """Send lines through `chat --script`; return what was shown. 1: a line was not handled."""
        script = self.place.file.with_name("script.txt")
        script.write_text("\n".join(lines), encoding="utf-8")
        done = self.run("chat", "--script", str(script))
        assert done.code == code, done
        return done.out

    def events(self, *args: str) -> list[dict[str, Any]]:
        """Return the log as `events --json` prints it."""
        return [json.loads(line) for line in self.ok("events", "--json", *args).splitlines()]

    def start(self, *args: str) -> "subprocess.Popen[str]":
        """Start a command that goes on, with pipes to it."""
        return subprocess.Popen(
            self.command(*args),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=environment(),
            text=True,
            encoding="utf-8",
        )

    def command(self, *args: str) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "bot", "--config", str(self.place.file), *args]


def environment(**more: str) -> dict[str, str]:
    """Return a small environment: what the owner of this machine has set stays out of it."""
    names = ("PATH", "HOME", "TMPDIR", "XDG_STATE_HOME")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "OLLAMA_API_BASE": "http://127.0.0.1:9", **more}


def without_privileges() -> list[str]:
    """Return the prefix under which rights of files count, also where the tests run as root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    assert setpriv, "root needs setpriv (util-linux) to give its privileges up"
    return [setpriv, "--bounding-set", "-dac_override,-dac_read_search"]
