"""A server that goes on answering until whoever asked has had enough."""

import json
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.servers.http import LoopbackServer

MOST_BYTES = 64_000_000
"""Where the server gives up itself, so that a test without the fix ends."""


def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
    """Return one piece of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    value = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**value, 'choices': [choice]})}\n\n".encode()


class FloodServer(LoopbackServer):
    """Answers every request with the pieces of `body` while somebody reads them.

    `sent` counts bytes, `asked` requests; `left` is set when a reader went before the end. With
    `open_end` the connection stays open behind the last piece until the reader goes.
    """

    def __init__(
        self,
        body: Callable[[], Iterable[bytes]],
        *,
        content_type: str = "text/event-stream",
        encoding: str = "",
        open_end: bool = False,
    ) -> None:
        self.sent = self.asked = 0
        self.left = threading.Event()
        self._body, self._type, self._encoding = body, content_type, encoding
        self._open_end = open_end

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return _handler(self)

    @property
    def api_base(self) -> str:
        """The address for `llm.api_base`."""
        return f"{self.url}/v1"

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        self.asked += 1
        handler.rfile.read(int(handler.headers.get("content-length", 0)))
        handler.send_response(200)
        handler.send_header("content-type", self._type)
        if self._encoding:
            handler.send_header("content-encoding", self._encoding)
        handler.send_header("connection", "close")
        handler.end_headers()
        try:
            for piece in self._body():
                handler.wfile.write(piece)
                self.sent += len(piece)
                if self.sent > MOST_BYTES:
                    return
            if self._open_end and not handler.rfile.read(1):
                self.left.set()
        except OSError:
            self.left.set()


def _handler(owner: FloodServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Stay silent."""

        def do_POST(self) -> None:
            owner.serve(self)

        do_GET = do_POST  # noqa: N815 - as above

    return Handler
