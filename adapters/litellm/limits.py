"""How large an answer may be, whatever its server sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

CHARS_PER_TOKEN: Final = 8
"""More than a token is on average in any language: who is past it has passed `max_tokens`."""
_BYTES_PER_TOKEN: Final = 1024
"""What a streamed token is wrapped in takes about 300 bytes, with probabilities 700."""
_OVERHEAD_BYTES: Final = 256 * 1024
"""Keep-alives of a stream, and what a server repeats of its settings."""
_OTHER_BYTES: Final = 16 * 1024 * 1024
"""For everything but an answer: 64 vectors of 4,096 numbers are 6 MB as JSON."""


class TooMuchSentError(Exception):
    """A server sent more than an answer can have; the rest is not read."""


@dataclass(slots=True)
class Allowance:
    """What is left of the bytes that an answer may have; `passed` when it wanted more."""

    left: int = _OTHER_BYTES
    passed: bool = False

    def take(self, size: int) -> None:
        """Count bytes. Raises TooMuchSentError."""
        self.left -= size
        if self.left < 0:
            self.passed = True
            raise TooMuchSentError


_current: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def allowed(max_tokens: int) -> Iterator[Allowance]:
    """Hold what is received inside to the size that an answer of so many tokens can have."""
    allowance = Allowance(_OVERHEAD_BYTES + max_tokens * _BYTES_PER_TOKEN)
    token = _current.set(allowance)
    try:
        yield allowance
    finally:
        _current.reset(token)


def allowance() -> Allowance:
    """Return what the response that is received here may have."""
    return _current.get() or Allowance()
