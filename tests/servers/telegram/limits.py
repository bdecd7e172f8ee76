"""How much a bot may send, and the faults that a test orders."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.servers.telegram.errors import ApiError, flood


@dataclass
class Limits:
    """The allowance: messages a second in a chat after a burst, in a group, and overall."""

    enabled: bool = True
    chat_every_s: float = 1.0
    chat_burst: int = 5
    group_count: int = 20
    group_window_s: float = 60.0
    total_count: int = 30
    total_window_s: float = 1.0


class Throttle:
    """Counts what is sent; what comes before a `retry_after` is over goes to `told`."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.limits = Limits()
        self._told = told
        self._tokens: dict[int, tuple[float, float]] = {}
        self._sent: dict[int | None, deque[float]] = defaultdict(deque)
        self._until: dict[object, float] = {}

    def hold(self, scope: object, seconds: float) -> None:
        """Take nothing for a chat (or method) until so many seconds from now."""
        self._until[scope] = time.monotonic() + seconds

    def check_hold(self, scope: object, what: str) -> None:
        """Refuse what comes too early."""
        left = self._until.get(scope, 0.0) - time.monotonic()
        if left > 0:
            self._told(f"{what} came {left:.2f} s before the retry_after of {scope} was over")
            raise flood(math.ceil(left))

    def spend(self, chat: int, what: str) -> None:
        """Count one message or edit; raises a 429 where there were too many."""
        self.check_hold(chat, what)
        if not self.limits.enabled:
            return
        now = time.monotonic()
        waits = [self._chat_wait(chat, now)]
        limits = self.limits
        waits.append(self._window_wait(None, limits.total_count, limits.total_window_s, now))
        if chat < 0:
            waits.append(self._window_wait(chat, limits.group_count, limits.group_window_s, now))
        if (longest := max(waits)) > 0:
            seconds = max(1, math.ceil(longest))
            self.hold(chat, seconds)
            raise flood(seconds)
        tokens, _ = self._tokens[chat]
        self._tokens[chat] = (tokens - 1, now)
        self._sent[None].append(now)
        self._sent[chat].append(now)

    def _chat_wait(self, chat: int, now: float) -> float:
        burst, every = self.limits.chat_burst, self.limits.chat_every_s
        tokens, then = self._tokens.get(chat, (float(burst), now))
        tokens = min(float(burst), tokens + (now - then) / every if every else float(burst))
        self._tokens[chat] = (tokens, now)
        return 0 if tokens >= 1 else (1 - tokens) * every

    def _window_wait(self, scope: int | None, count: int, window: float, now: float) -> float:
        sent = self._sent[scope]
        while sent and sent[0] <= now - window:
            sent.popleft()
        return 0 if len(sent) < count else sent[0] + window - now


@dataclass
class Fault:
    """What happens to the next calls of a method; `error` is answered before any effect."""

    error: ApiError | None = None
    delay_s: float = 0
    cut_before: bool = False
    cut_after: bool = False
    times: int = 1


class Faults:
    """The faults that wait, per method in lower case; `*` is every method but getUpdates."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = defaultdict(list)

    def fail(
        self, method: str, *, status: int = 500, description: str = "", times: int = 1
    ) -> None:
        """Answer the next calls with an error, without any effect."""
        sentence = description or {502: "Bad Gateway"}.get(status, "Internal Server Error")
        self._add(method, Fault(ApiError(status, sentence), times=times))

    def flood(self, method: str, retry_after: int, *, times: int = 1) -> None:
        """Answer the next calls with a 429; coming back too early is a violation."""
        self._add(method, Fault(flood(retry_after), times=times))

    def delay(self, method: str, seconds: float, *, times: int = 1) -> None:
        """Wait before the next calls have their effect."""
        self._add(method, Fault(delay_s=seconds, times=times))

    def lose_answer(self, method: str, *, times: int = 1) -> None:
        """Do what the next calls ask, then cut the connection instead of answering."""
        self._add(method, Fault(cut_after=True, times=times))

    def lose_request(self, method: str, *, times: int = 1) -> None:
        """Cut the connection of the next calls before they have any effect."""
        self._add(method, Fault(cut_before=True, times=times))

    def clear(self) -> None:
        """Forget the faults that still wait."""
        self._waiting.clear()

    def take(self, method: str) -> Fault:
        """Use up one fault for a call."""
        for name in (method, "*") if method != "getupdates" else (method,):
            waiting = self._waiting[name]
            if waiting:
                waiting[0].times -= 1
                return waiting[0] if waiting[0].times else waiting.pop(0)
        return Fault()

    def _add(self, method: str, fault: Fault) -> None:
        self._waiting[method.lower()].append(fault)
