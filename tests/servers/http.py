"""A private HTTP server with scripted replies that records what it was asked."""

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self

from tests.servers.process import LOOPBACK


class Reply(NamedTuple):
    """What the server answers; `cut` breaks the connection in the middle of the body."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0
    cut: bool = False


class Request(NamedTuple):
    """What the server was asked; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        """Parse the body."""
        return json.loads(self.body)


def json_reply(value: object, status: int = 200) -> Reply:
    """Make a reply that carries a value as JSON."""
    return Reply(status, json.dumps(value).encode())


class LoopbackServer(ABC):
    """Listens on loopback while the `with` block lasts."""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    @abstractmethod
    def _handler(self) -> type[BaseHTTPRequestHandler]:
        """Make the handler class that the standard library wants, bound to this server."""


class HttpServer(LoopbackServer):
    """Answers on loopback while the `with` block lasts; `requests` has what came, in order.

    Replies given to `answer` are used up first, in order; then the one of `always` for the path
    (without query); then an empty JSON object.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._next: deque[Reply] = deque()
        self._always: dict[str, Reply] = {}
        self._lock = threading.Lock()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return _handler(self)

    def answer(self, *replies: Reply) -> None:
        """Queue replies for the requests to come."""
        with self._lock:
            self._next.extend(replies)

    def clear(self) -> None:
        """Drop the replies that are queued."""
        with self._lock:
            self._next.clear()

    def always(self, path: str, reply: Reply) -> None:
        """Give this reply to every request for this path that has none queued."""
        self._always[path] = reply

    def take(self, request: Request) -> Reply:
        """Record a request and choose its reply."""
        with self._lock:
            self.requests.append(request)
            if self._next:
                return self._next.popleft()
            return self._always.get(request.path.partition("?")[0], Reply())


def _handler(owner: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits 40 ms for its headers to be confirmed

        def log_message(self, *_: object) -> None:
            """Stay silent: the requests are recorded."""

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = owner.take(Request(self.command, self.path, headers, body))
            time.sleep(reply.delay_s)
            with suppress(OSError):  # who asked may have gone meanwhile
                self._answer(reply)
            self.close_connection = self.close_connection or reply.cut

        def _answer(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in (("content-type", reply.content_type), *reply.headers):
                self.send_header(name, value.encode("utf-8", "replace").decode("latin-1"))
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    return Handler
