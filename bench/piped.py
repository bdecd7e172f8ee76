"""The real program behind a pipe, with its times and its memory."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")


class Piped:
    """`python -m bot chat` on a folder; each line is answered before the next is written."""

    def __init__(self, folder: Path) -> None:
        config = folder / "config.yaml"
        config.write_text(f"data_dir: {folder / 'data'}\n", encoding="utf-8")
        self._command = [sys.executable, "-m", "bot", "--config", str(config), "chat"]

    def __enter__(self) -> Self:
        self._start = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *exc: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def prompt_s(self) -> float:
        """Return the seconds from the start to the first words on the screen."""
        self._read()
        return time.perf_counter() - self._start

    def say(self, line: str) -> float:
        """Write a line and wait for what follows its echo; return the seconds since the start."""
        if self._process.stdin is None:
            raise BrokenPipeError
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        while self._read() != f"> {line}\n":
            pass
        self._read()
        return time.perf_counter() - self._start

    def memory_mb(self) -> float:
        """Return the resident memory, in MB."""
        return resident_mb(self._process.pid)

    def cpu_s(self) -> float:
        """Return the processor time used so far, in seconds."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    def _read(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise BrokenPipeError
        return line


def resident_mb(process: int | None = None) -> float:
    """Return the resident memory of a process in MB; of this one unless told otherwise."""
    told = Path(f"/proc/{process or 'self'}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in told.splitlines() if "VmRSS" in line)
    return int(kilobytes) / 1024
