"""HTTP: requests in, answers out, connections cut where a fault asks for it."""

import json
import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from tests.servers.process import LOOPBACK
from tests.servers.telegram import asking, sending
from tests.servers.telegram.errors import ApiError
from tests.servers.telegram.limits import Fault
from tests.servers.telegram.model import Json
from tests.servers.telegram.params import Params, read_params
from tests.servers.telegram.state import Call, State

METHODS: dict[str, Callable[[State, Params], object]] = {
    "getme": asking.get_me,
    "getupdates": asking.get_updates,
    "setwebhook": asking.set_webhook,
    "deletewebhook": asking.delete_webhook,
    "getwebhookinfo": asking.get_webhook_info,
    "answercallbackquery": asking.answer_callback_query,
    "setmycommands": asking.set_my_commands,
    "getmycommands": asking.get_my_commands,
    "deletemycommands": asking.delete_my_commands,
    "getfile": asking.get_file,
    "getchat": asking.get_chat,
    "getchatmember": asking.get_chat_member,
    "leavechat": asking.leave_chat,
    "sendmessage": sending.send_message,
    "senddocument": sending.send_document,
    "sendphoto": sending.send_photo,
    "sendvoice": sending.send_voice,
    "sendchataction": sending.send_chat_action,
    "sendmessagedraft": sending.send_message_draft,
    "editmessagetext": sending.edit_message_text,
    "editmessagecaption": sending.edit_message_caption,
    "editmessagereplymarkup": sending.edit_message_reply_markup,
    "deletemessage": sending.delete_message,
}
METHOD_PATH = re.compile(r"/bot([^/]+)/(\w+)")
FILE_PATH = re.compile(r"/file/bot([^/]+)/(.+)")
CUT = -1


class Listener(ThreadingHTTPServer):
    """The HTTP server of one run; knows its connections, to cut them when it stops."""

    request_queue_size = 128

    def __init__(self, state: State, port: int) -> None:
        self.state = state
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((LOOPBACK, port), Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), name="telegram")
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Remember a connection."""
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Forget a connection."""
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Stay silent when who asked has gone: tests kill it."""

    def stop(self) -> None:
        """Refuse connections from now on and cut those that are open."""
        self.shutdown()
        self._thread.join()
        with self._guard:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def log_message(self, *_: object) -> None:
        """Stay silent: the calls are recorded."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _, query = self.path.partition("?")
        path = unquote(path)
        state = self.server.state
        if found := FILE_PATH.fullmatch(path):
            return self._download(state, *found.groups())
        found = METHOD_PATH.fullmatch(path)
        if found is None:
            return self._answer(404, ApiError(404, "Not Found").body())
        token, method = found.groups()
        call = Call(method, {})
        with state.changed:
            state.calls.append(call)
        try:
            params = read_params(query, self.headers.get("content-type", ""), body)
            params.method = method
            call.params = params.shown()
            fault = self._authorised(state, token, method.lower())
            status, whole = self._perform(state, params, fault)
        except ApiError as error:
            status, whole, fault = error.code, error.body(), Fault()
        if state.otherwise is not None and status != CUT:
            status, whole = state.otherwise(method.lower(), whole)
        call.description = whole.get("description", "")
        cut = fault.cut_before or fault.cut_after or self.server.stopping.is_set()
        call.status = CUT if cut else status
        if call.status == CUT:
            return self._cut()
        return self._answer(status, whole)

    def _authorised(self, state: State, token: str, method: str) -> Fault:
        if token != state.token or state.revoked:
            raise ApiError(401, "Unauthorized")
        if method not in METHODS:
            raise ApiError(404, "Not Found")
        with state.changed:
            return state.faults.take(method)

    def _perform(self, state: State, params: Params, fault: Fault) -> tuple[int, Json]:
        """Do what is asked, and what a fault asks before and after."""
        self.server.stopping.wait(fault.delay_s)
        if fault.cut_before:
            return CUT, {}
        scope: object = params.number("chat_id") or params.method
        with state.changed:
            if fault.error is not None:
                if fault.error.retry_after:
                    state.throttle.hold(scope, fault.error.retry_after)
                raise fault.error
            if not params.number("chat_id"):
                state.throttle.check_hold(scope, params.method)
            return 200, {"ok": True, "result": METHODS[params.method.lower()](state, params)}

    def _download(self, state: State, token: str, path: str) -> None:
        stored = next((one for one in state.files.values() if one.path == path), None)
        if token != state.token or state.revoked:
            return self._answer(401, ApiError(401, "Unauthorized").body())
        if stored is None:
            return self._answer(404, ApiError(404, "Not Found").body())
        return self._write(200, "application/octet-stream", stored.data)

    def _answer(self, status: int, whole: Json) -> None:
        retry_after = whole.get("parameters", {}).get("retry_after")
        self._write(status, "application/json", json.dumps(whole).encode(), retry_after)

    def _write(self, status: int, kind: str, body: bytes, retry_after: int | None = None) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            if retry_after:
                self.send_header("Retry-After", str(retry_after))
            self.end_headers()
            self.wfile.write(body)

    def _cut(self) -> None:
        self.close_connection = True

    do_GET = do_POST = _serve  # noqa: N815
