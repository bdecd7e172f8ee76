"""How large an answer may be, whatever its server sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

CHARS_PER_TOKEN: Final = 8
"""More than a token is on average in any language: who is past it has passed `max_tokens`."""
MOST_CHARS_PER_TOKEN: Final = 64
"""The longest tokens are runs of blanks: no text has fewer tokens than this gives."""
_BYTES_PER_TOKEN: Final = 1024
"""What a streamed token is wrapped in takes about 300 bytes, with probabilities 700."""
_OVERHEAD_BYTES: Final = 256 * 1024
"""Keep-alives of a stream, and what a server repeats of its settings."""
_OTHER_BYTES: Final = 16 * 1024 * 1024
"""For everything but an answer: 64 vectors of 4,096 numbers are 6 MB as JSON."""
_LINES_PER_TOKEN: Final = 6
"""A streamed token takes a line or three, each ended by one or two characters."""
_OVERHEAD_LINES: Final = 2048
"""Keep-alives of a stream, two lines each, come some times a second at the most."""
_MARKS_PER_TOKEN: Final = 2
"""Hardly a token opens more than one bracket, or ends more than one name."""
_OVERHEAD_MARKS: Final = 2048
"""What an answer is wrapped in; 64 vectors have 400."""


class TooMuchSentError(Exception):
    """A server sent more than an answer can have; the rest is not read."""


@dataclass(slots=True)
class Allowance:
    """What is left of the bytes and lines that an answer may have; `passed` when it wanted more.

    `marks` bounds the brackets and names in one piece of JSON: each becomes an object, which costs
    a thousand times what its bytes do, and all of them before anybody else has a turn.
    """

    left: int = _OTHER_BYTES
    lines: int = _OTHER_BYTES  # a number of a vector may have a line of its own
    marks: int = _OVERHEAD_MARKS
    passed: bool = False
    waits: bool = False
    """Whether a request is out that was not answered yet."""
    answered: bool = False
    """Whether one was answered with success, by its status."""
    streams: bool = False
    """Whether the answer was asked for piece by piece."""
    told: dict[str, Any] | None = None
    """A usage that litellm does not hand on as it came."""

    def keep(self, usage: dict[str, Any]) -> None:
        """Keep a usage as it was told."""
        self.told = usage

    def take(self, size: int, lines: int, marks: int) -> None:
        """Count bytes and lines, and judge a piece that has so many marks by now.

        Raises TooMuchSentError.
        """
        self.left -= size
        self.lines -= lines
        if self.left < 0 or self.lines < 0 or marks > self.marks:
            self.passed = True
            raise TooMuchSentError


_current: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def allowed(max_tokens: int | None, *, streams: bool = False) -> Iterator[Allowance]:
    """Hold what is received inside to the size that an answer of so many tokens can have.

    None is for what is no text. What is done inside is one call: nothing is sent twice.
    """
    allowance = Allowance()
    if max_tokens is not None:
        allowance = Allowance(
            left=_OVERHEAD_BYTES + max_tokens * _BYTES_PER_TOKEN,
            lines=_OVERHEAD_LINES + max_tokens * _LINES_PER_TOKEN,
            marks=_OVERHEAD_MARKS + max_tokens * _MARKS_PER_TOKEN,
        )
    allowance.streams = streams
    token = _current.set(allowance)
    try:
        yield allowance
    finally:
        _current.reset(token)


def allowance() -> Allowance:
    """Return what the response that is received here may have."""
    return _current.get() or Allowance()
