"""Everything the emulated Telegram knows, behind one lock."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.telegram.limits import Faults, Throttle
from tests.servers.telegram.model import Json, Message, Person, StoredFile, Tap
from tests.servers.telegram.rooms import Room
from tests.servers.telegram.updates import Updates

TOKEN = "700001:emulated-telegram-token-for-tests_0"
TAP_WINDOW_S = 15.0
Otherwise = Callable[[str, Json], tuple[int, Json]]
"""Turns the answer to a method, in lower case, into that of a server which is less exact."""


@dataclass
class Call:
    """One request of a bot; `status` is 0 until it is answered, -1 where the answer was cut."""

    method: str
    params: Json
    at: float = field(default_factory=time.monotonic)
    status: int = 0
    description: str = ""


@dataclass
class Hook:
    """Where updates are posted to."""

    url: str = ""
    secret: str = ""
    last_error: str = ""
    last_error_date: int = 0
    retry_s: float = 0.05


class State:
    """What is kept while the HTTP server stops and starts."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.revoked = False
        self.running = False
        self.changed = threading.Condition(threading.RLock())
        self.bot = Person(int(token.partition(":")[0]), "Equerry", "equerry_bot", is_bot=True)
        self.rooms: dict[int, Room] = {}
        self.files: dict[str, StoredFile] = {}
        self.taps: dict[str, Tap] = {}
        self.tap_window_s = TAP_WINDOW_S
        self.commands: dict[str, list[Json]] = {}
        self.privacy = False
        self.updates = Updates()
        self.hook = Hook()
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.throttle = Throttle(self.violations.append)
        self.faults = Faults()
        self.otherwise: Otherwise | None = None

    def tell(self, kind: str, body: Json) -> Json | None:
        """Queue an update and wake who waits for one."""
        with self.changed:
            update = self.updates.put(kind, body)
            self.changed.notify_all()
            return update

    def keep(self, message: Message) -> Message:
        """Put a message into its chat."""
        with self.changed:
            message.chat.kept[message.id] = message
            self.changed.notify_all()
            return message

    def store(self, kind: str, name: str, data: bytes) -> StoredFile:
        """Keep a file."""
        with self.changed:
            stored = StoredFile(f"file-{len(self.files) + 1}-{kind}", kind, name, data)
            self.files[stored.id] = stored
            return stored

    def wait(self, found: Callable[[], Any], timeout: float, what: str) -> Any:  # noqa: ANN401
        """Return the first true value of `found`; raises TimeoutError saying what was missed."""
        end = time.monotonic() + timeout
        with self.changed:
            while not (value := found()):
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"in {timeout} s there was no {what}")
                # Not every change wakes: a caller may look at anything.
                self.changed.wait(min(left, 0.05))
            return value
