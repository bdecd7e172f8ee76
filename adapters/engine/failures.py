"""What failed, how often, and when it is tried again."""

import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from core.domain.errors import EquerryError

FIRST_PAUSE_S = 1.0
MOST_PAUSE_S = 60.0


def pause_after(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row: 1, 2, 4, … at most 60."""
    return min(MOST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 16))


def describe(error: BaseException) -> str:
    """Return the sentence of an error of ours, which is written for the owner.

    Of any other only its kind and where it was raised, never its text: it may hold a secret.
    """
    if isinstance(error, EquerryError):
        return str(error).rstrip(".")
    kind = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return kind
    return f"{kind} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"


@dataclass(slots=True)
class Failure:
    """The failures in a row of one conversation; `retry_at` is None once a retry is asked for."""

    count: int
    what: str
    failed_at: datetime
    retry_at: datetime | None


@dataclass(slots=True)
class Failures:
    """The conversations whose last drain failed."""

    _of: dict[str, Failure] = field(default_factory=dict)

    def note(self, conversation: str, error: BaseException, now: datetime) -> Failure:
        """Count a failure and plan the retry."""
        before = self._of.get(conversation)
        count = before.count + 1 if before else 1
        retry_at = now + timedelta(seconds=pause_after(count))
        failure = Failure(count, describe(error), now, retry_at)
        self._of[conversation] = failure
        return failure

    def forget(self, conversation: str) -> None:
        """Drop the count of a conversation that went well."""
        self._of.pop(conversation, None)

    def pausing(self, conversation: str) -> bool:
        """Whether the conversation waits for its retry."""
        failure = self._of.get(conversation)
        return failure is not None and failure.retry_at is not None

    def hasten(self, conversation: str) -> None:
        """Retry after the shortest pause: there is news, yet a failing drain must not spin."""
        failure = self._of[conversation]
        soonest = failure.failed_at + timedelta(seconds=FIRST_PAUSE_S)
        if failure.retry_at is not None:
            failure.retry_at = min(failure.retry_at, soonest)

    def take(self, now: datetime) -> list[str]:
        """Return whose pause is over, each once; a clock that was set back lengthens no pause."""
        latest = now + timedelta(seconds=MOST_PAUSE_S)
        ready = [
            conversation
            for conversation, failure in self._of.items()
            if failure.retry_at is not None and not now < failure.retry_at <= latest
        ]
        for conversation in ready:
            self._of[conversation].retry_at = None
        return ready

    def next(self) -> datetime | None:
        """Return when the earliest pause is over."""
        return min((f.retry_at for f in self._of.values() if f.retry_at is not None), default=None)

    def pausing_under(self, count: int) -> bool:
        """Whether a retry is planned for one that failed fewer than `count` times in a row."""
        return any(f.count < count and f.retry_at is not None for f in self._of.values())

    def planned(self) -> int:
        """Return how many conversations wait for their retry."""
        return sum(f.retry_at is not None for f in self._of.values())

    def __len__(self) -> int:
        """Return how many conversations are failing."""
        return len(self._of)

    def sentence(self) -> str | None:
        """Say the worst of it, None when nothing fails."""
        if not self._of:
            return None
        name, worst = max(self._of.items(), key=lambda item: item[1].count)
        times = "once" if worst.count == 1 else f"{worst.count} times in a row"
        others = f" ({len(self._of)} conversations fail)" if len(self._of) > 1 else ""
        return f"Conversation {name!r} failed {times}: {worst.what}{others}; it is tried again."
