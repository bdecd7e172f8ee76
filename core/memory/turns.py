"""What was said in a conversation, turn by turn, as short-term memory holds it."""

from collections.abc import Sequence
from typing import Literal

from core.domain.base import Frozen

CHARS_PER_TOKEN = 4
KEPT = 100
"""Turns at hand: some 25 fit into a prompt, 60 may wait for their summary, which is looked at each
five messages. Of more, what waits would be read from the log for every prompt.
"""
LINE = 240
BESIDE = 3
"""Characters of a line beside its text: the dash and the end."""
HANDLE = "a reply of yours"

Who = Literal["owner", "equerry", "other"]


class Turn(Frozen):
    """One message; `ref` names its text in the log, `text` is None once that was erased.

    The text of one that is not trusted goes into no prompt.
    """

    message: str
    who: Who
    text: str | None
    trusted: bool
    at: str
    position: int
    ref: str

    @property
    def line(self) -> str:
        """What stands in a prompt for it: who and what, or a handle."""
        if not self.trusted:
            return f"[{self.message}] {HANDLE}"
        return f"{self.who}: {self.text}"


def short(text: str) -> str:
    """Return a text on one line, cut to 240 characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LINE else f"{flat[: LINE - 1]}…"


def inside(turns: Sequence[Turn], tokens: int) -> tuple[Turn, ...]:
    """Return the newest turns whose lines fit into so many tokens, oldest first.

    What others wrote has no line here, and what was erased has none: they are left out.
    """
    room, kept = tokens * CHARS_PER_TOKEN, list[Turn]()
    for turn in reversed(turns):
        if not turn.text or turn.who == "other" or not (turn.trusted or turn.who == "equerry"):
            continue
        room -= len(turn.line) + BESIDE
        if room < 0:
            break
        kept.append(turn)
    return tuple(reversed(kept))
