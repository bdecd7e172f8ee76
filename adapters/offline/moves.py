"""What a rule makes of a request: something to do, or something to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Protocol

from adapters.offline.context import Context

EXACT: Final = 0.95
"""Confidence in a request that fits the grammar to the letter."""
LOOSE: Final = 0.7
"""Confidence in a request that was understood by its likeness."""

CONFIG_KEYS: Final = {
    "mail.send": "`actions.mail.smtp`",
    "http.request": "`actions.http.allow`",
    "file.write": "`actions.files.root`",
}


class CutWords(Protocol):
    """A sentence in two: the words of a time, and the rest."""

    @property
    def words(self) -> str:
        """The words of the time, empty for none."""
        ...

    @property
    def rest(self) -> str:
        """The sentence without them."""
        ...

    @property
    def repeat(self) -> str | None:
        """The repetition as an RRULE value."""
        ...


class TimeWords(Protocol):
    """Understands times in words and finds them in sentences."""

    def parse(self, words: str, now: datetime, zone: tzinfo) -> datetime:
        """Return the time meant; raises BadInputError."""
        ...

    def split(self, text: str) -> CutWords:
        """Cut the words of a time out of a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of the owner, with what the rules may know."""

    text: str
    context: Context
    times: TimeWords


@dataclass(frozen=True, slots=True)
class Do:
    """An action for the executor. `passes_on`: the references in it are the rule's own."""

    action: str
    args: dict[str, Any]
    title: str
    confidence: float = EXACT
    passes_on: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """A text for the owner; `honest` marks one that tells what cannot be done."""

    text: str
    honest: bool = False


Move = Do | Say
Rule = Callable[[Ask], Move | None]


def offered(ask: Ask, move: Do) -> Move:
    """Return the move, or a word about what has to be set when its action is not offered."""
    if move.action in ask.context.actions:
        return move
    if key := CONFIG_KEYS.get(move.action):
        name = move.action.split(".", 1)[0]
        return Say(
            f"I cannot do that: {name} is not configured. Set {key} in config.yaml.", honest=True
        )
    return Say(f"I cannot do that: the action {move.action} is not available here.", honest=True)
