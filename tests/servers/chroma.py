"""A private Chroma server whose vectors lie in a folder of its own."""

import shutil
import sys
import tempfile
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from tests.servers.process import LOOPBACK, ServerProcess, find_program, free_port


class ChromaServer:
    """A server that lives as long as the `with` block; `stop` and `start` in it keep its data.

    Raises MissingProgramError where its command is not installed.
    """

    def __init__(self) -> None:
        beside = Path(sys.executable).parent
        self._program = find_program("chroma", "none: uv sync brings it", str(beside))
        self._process: ServerProcess | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """The URL as the owner would write it in config.yaml."""
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="equerry-chroma-"))
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
        where = ["--host", LOOPBACK, "--port", str(self.port), "--path", str(self.data)]
        self._process = ServerProcess([str(self._program), "run", *where], self._folder / "log")
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

    @property
    def data(self) -> Path:
        """The folder that it keeps its data in."""
        return self._folder / "data"

    def _answers(self) -> bool:
        try:
            connection = HTTPConnection(LOOPBACK, self.port, timeout=5)
            with closing(connection):
                connection.request("GET", "/api/v2/heartbeat")
                return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
