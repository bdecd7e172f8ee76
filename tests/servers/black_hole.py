"""A way to a server that can stop forwarding: packets vanish, and nobody is told."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from tests.servers.process import LOOPBACK

_CHUNK = 65536


class BlackHole:
    """Forwards TCP to a port of loopback while it is open; closed, it takes bytes and keeps them.

    What was connected when it closed stays without an answer for ever, as behind a NAT that forgot
    it; what connects after it was opened again is served.
    """

    def __init__(self, port: int) -> None:
        self._to = (LOOPBACK, port)
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._ways: list[_Way] = []
        self.swallowed = 0
        """Bytes that were taken and not passed on."""
        self._open = True
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for way in self._ways:
                way.close()

    @property
    def ways(self) -> int:
        """Return how many connections there have been."""
        return len(self._ways)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Forward nothing meanwhile."""
        self.close()
        try:
            yield
        finally:
            self.open()

    def close(self) -> None:
        """Forward nothing from now on, for good on what is connected."""
        with self._lock:
            self._open = False
            for way in self._ways:
                way.dead = True

    def open(self) -> None:
        """Serve what connects from now on."""
        self._open = True

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                with self._lock:
                    try:
                        self._ways.append(_Way(self, near, self._to, dead=not self._open))
                    except OSError:  # nobody listens there now
                        near.close()


class _Way:
    """One connection through it."""

    def __init__(
        self, hole: BlackHole, near: socket.socket, to: tuple[str, int], *, dead: bool
    ) -> None:
        self.dead = dead
        self._hole, self._near = hole, near
        self._far = None if dead else socket.create_connection(to)
        ways = [(near, self._far)] if self._far is None else [(near, self._far), (self._far, near)]
        for ends in ways:
            threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if self.dead or sink is None:
                    self._hole.swallowed += len(data)
                else:
                    sink.sendall(data)
            if sink is not None and not self.dead:
                sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close both ends."""
        for end in (self._near, self._far):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
