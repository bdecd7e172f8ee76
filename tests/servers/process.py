"""Find, start and stop the programs that tests use as servers."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from glob import glob
from pathlib import Path
from typing import TypedDict

LOOPBACK = "127.0.0.1"
START_S = 120.0
STOP_S = 60.0
POLL_S = 0.02


class MissingProgramError(Exception):
    """A program that is not on this machine; a test that needs it is skipped."""

    def __init__(self, name: str, package: str) -> None:
        super().__init__(f"needs {name} (Debian package {package}), which is not on this machine")


class ServerFailedError(Exception):
    """A server that ended or did not answer in time; carries the end of its log."""


class Account(TypedDict, total=False):
    """Arguments of `subprocess` that say as whom a program runs; empty: as we are."""

    user: int
    group: int
    extra_groups: list[int]


def find_program(name: str, package: str, *folders: str) -> Path:
    """Return the path of a program on PATH or in `folders` (globs; the last match wins).

    Raises MissingProgramError when there is none.
    """
    found = shutil.which(name)
    if found:
        return Path(found)
    for folder in folders:
        matches = sorted(glob(f"{folder}/{name}"))  # noqa: PTH207  (Path has no absolute globs)
        if matches:
            return Path(matches[-1])
    raise MissingProgramError(name, package)


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def plain_account(*names: str) -> Account:
    """Return the first of these accounts that exists, if we are root; some servers refuse root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in names if name in known)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class ServerProcess:
    """One running server, with what it prints in `log`; `stop` ends it and waits for it."""

    def __init__(self, command: Sequence[str], log: Path, account: Account | None = None) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                start_new_session=True,  # an interrupted test run stops its servers itself
                **(account or {}),
            )

    @property
    def pid(self) -> int:
        """The process id, for tests that freeze or kill the server."""
        return self._process.pid

    def wait_until(self, ready: Callable[[], bool], within_s: float = START_S) -> None:
        """Wait until `ready` says so; raises ServerFailedError when the server ends or stalls."""
        end = time.monotonic() + within_s
        while not ready():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                tail = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise ServerFailedError(tail)
            time.sleep(POLL_S)

    def stop(self) -> None:
        """End the server, gently at first; does nothing when it has ended."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
