"""A private Redis server that keeps nothing on disk."""

import shutil
import socket
import tempfile
from pathlib import Path
from typing import Self

from tests.servers.process import LOOPBACK, ServerProcess, find_program, free_port


class RedisServer:
    """A server that lives as long as the `with` block; `stop` and `start` in it empty it.

    Raises MissingProgramError where Redis is not installed.
    """

    def __init__(self) -> None:
        self._program = find_program("redis-server", "redis-server")
        self._process: ServerProcess | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """The URL as the owner would write it in config.yaml."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="equerry-redis-"))
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start the server on its port, and wait until it answers."""
        settings = ["--bind", LOOPBACK, "--port", str(self.port), "--dir", str(self._folder)]
        keep_nothing = ["--save", "", "--appendonly", "no"]
        command = [str(self._program), *settings, *keep_nothing]
        self._process = ServerProcess(command, self._folder / "log")
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """Stop the server, as when a real one goes away."""
        if self._process:
            self._process.stop()
            self._process = None

    @property
    def pid(self) -> int:
        """The process id of the running server, to freeze it."""
        assert self._process is not None
        return self._process.pid

    def clear(self) -> None:
        """Delete every key."""
        self._ask("FLUSHALL")

    def _answers(self) -> bool:
        try:
            return self._ask("PING") == "+PONG"
        except OSError:
            return False

    def _ask(self, command: str) -> str:
        """Send one command without arguments, and return the line that comes back."""
        with socket.create_connection((LOOPBACK, self.port), timeout=5) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.makefile("rb").readline().decode().rstrip()
