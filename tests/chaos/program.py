"""The real program as a process: started, killed at a chosen moment, asked afterwards."""

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.waiting import PROGRAM_S

ROOT = Path(__file__).parents[2]
ENDED = frozenset({0, 1})
"""How a script ends; 1: a line was refused, as one is that edits a card which it edited before."""
GLANCE_S = 0.0003


@dataclass(frozen=True)
class Moment:
    """When to kill: `after` seconds from the start, or from the `writes`th write to the log."""

    after: float
    writes: int = 0


def any_moment(chance: random.Random, start_s: float, life_s: float) -> Moment:
    """Return a moment of a life: in its start-up, anywhere in it, or in the middle of some work.

    Most fall into work: one that falls anywhere lets half of what is left get done.
    """
    kind = chance.random()
    if kind < 0.2:
        return Moment(chance.uniform(0, start_s))
    if kind < 0.25:
        return Moment(chance.uniform(0, life_s))
    return Moment(chance.uniform(0, 0.02), writes=chance.randint(1, 12))


class Program:
    """One Equerry in a folder of its own. `errors` is what all its processes said on stderr."""

    def __init__(self, folder: Path, smtp_port: int, more: dict[str, Any] | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self.files = folder / "files"
        self._config = folder / "config.yaml"
        smtp = {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "from": "me@example.com"}
        settings = {
            "data_dir": str(self.data),
            "profile": {"quiet_hours": None},
            "gates": {"actions": {"file.write": "review", "task.add": "review"}},
            "actions": {"files": {"root": str(self.files)}, "mail": {"smtp": smtp}},
            **(more or {}),
        }
        self._config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    @property
    def errors(self) -> str:
        """What went to stderr, and what the log file has of failures."""
        logs = sorted((self.data / "logs").glob("*"))
        said = [path.read_text(encoding="utf-8") for path in (self.folder / "stderr", *logs)]
        return "".join(said)

    @property
    def shown(self) -> list[str]:
        """Every line that any of the processes printed in chat."""
        return (self.folder / "stdout").read_text(encoding="utf-8").splitlines()

    def chat(self, script: Path, session: str) -> "subprocess.Popen[bytes]":
        """Start `chat --script`."""
        return self._start("chat", "--script", str(script), "--session", session)

    def talk(self) -> "subprocess.Popen[bytes]":
        """Start `chat` on a pipe."""
        return self._start("chat", stdin=subprocess.PIPE)

    def _start(self, *words: str, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
        with (
            (self.folder / "stdout").open("ab") as out,
            (self.folder / "stderr").open("ab") as errors,
        ):
            return subprocess.Popen(
                self.command(*words), cwd=ROOT, stdin=stdin, stdout=out, stderr=errors
            )

    def finish(self, script: Path, session: str) -> float:
        """Let a script run to its end; return the seconds that took."""
        began = time.monotonic()
        code = self.chat(script, session).wait(PROGRAM_S)
        assert code in ENDED, self.errors
        return time.monotonic() - began

    def killed(self, script: Path, session: str, moment: Moment) -> bool:
        """Start a script and kill it; False when it had come to its end before."""
        process = self.chat(script, session)
        self._wait(process, moment)
        process.send_signal(signal.SIGKILL)
        code = process.wait(PROGRAM_S)
        assert code in {*ENDED, -signal.SIGKILL}, self.errors
        return code == -signal.SIGKILL

    def ask(self, *words: str) -> str:
        """Run a command to its end and return what it printed; it must succeed."""
        code, out, errors = self.run(*words)
        assert (code, errors) == (0, ""), (words, out, errors)
        return out

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run a command to its end and return its exit code and what it printed."""
        done = subprocess.run(
            self.command(*words),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PROGRAM_S,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def events(self) -> list[dict[str, Any]]:
        """Return the whole log."""
        return [json.loads(line) for line in self.ask("events", "--json").splitlines()]

    def command(self, *words: str) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "bot", "--config", str(self._config), *words]

    def _wait(self, process: "subprocess.Popen[bytes]", moment: Moment) -> None:
        self.watch(process, moment.writes)
        try:
            process.wait(moment.after)
        except subprocess.TimeoutExpired:
            return

    def watch(self, process: "subprocess.Popen[bytes]", writes: int) -> None:
        """Return when the log has been written so often, or the process has ended."""
        journal = self.data / "equerry.db-wal"
        seen = _print_of(journal)
        while writes and process.poll() is None:
            now = _print_of(journal)
            writes -= now != seen
            seen = now
            time.sleep(GLANCE_S)


def _print_of(path: Path) -> tuple[int, int]:
    """Return what changes when a file is written; the file itself stays untouched."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)
