"""Posts updates to the webhook: one after another, again until it is taken."""

import json
import threading
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tests.servers.telegram.model import Json
from tests.servers.telegram.state import State

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # the name of a header
TIMEOUT_S = 30


class Poster:
    """Runs in a thread of its own while the server runs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._thread = threading.Thread(target=self._run, name="telegram-webhook")
        self._thread.start()

    def join(self) -> None:
        """Wait for the end; the state says that it has come."""
        self._thread.join()

    def _run(self) -> None:
        state = self._state
        while state.running:
            with state.changed:
                if not (state.hook.url and state.updates.any):
                    state.changed.wait(0.2)
                    continue
                update = state.updates.first()
                url, secret = state.hook.url, state.hook.secret
            if update is not None:
                self._tell(url, secret, update)

    def _tell(self, url: str, secret: str, update: Json) -> None:
        state = self._state
        wrong = post(url, update, secret)
        with state.changed:
            if state.hook.url != url:
                return
            if not wrong:
                state.updates.done(update)
                return
            state.hook.last_error = wrong
            state.hook.last_error_date = int(time.time())
            state.changed.wait_for(lambda: not state.running, state.hook.retry_s)


def post(url: str, update: Json, secret: str) -> str:
    """Post one update; returns what was wrong, empty where it was taken."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_S)
    headers = {"content-type": "application/json"} | ({SECRET_HEADER: secret} if secret else {})
    try:
        connection.request("POST", parts.path or "/", json.dumps(update), headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        return f"Connection failed: {error}"
    finally:
        connection.close()
    ok = 200 <= answer.status < 300
    return "" if ok else f"Wrong response from the webhook: {answer.status} {answer.reason}"
