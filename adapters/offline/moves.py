"""What a rule makes of a request: something to do, or something to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Protocol

from adapters.offline.context import Context
from core.domain.errors import BadInputError, UnclearTimeError
from core.domain.meant import Meant

EXACT: Final = 0.95
"""Confidence in a request that fits the grammar to the letter."""
LOOSE: Final = 0.7
"""Confidence in a request that was understood by its likeness."""

CLEAR: Final = "Write it with one time, like:"

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
    def left(self) -> tuple[str, ...]:
        """Words of time in the rest, which may have been meant."""
        ...


class TimeWords(Protocol):
    """Understands times in words and finds them in sentences."""

    def read(self, words: str, now: datetime, zone: tzinfo) -> Meant:
        """Return what is meant; raises UnclearTimeError or another BadInputError."""
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


def either(ask: Ask, cut: CutWords) -> str:
    """Return the times of a sentence as one question, `friday or monday`; empty where one is none.

    Whoever sets it asks then, with each as a button.
    """
    first, *others = filter(None, [cut.words, *cut.left])
    words = first
    for other in others:
        asked = (f"{words} or {other}", f"{words} or {first} {other}")  # `at 4` of the same day
        words = next((one for one in asked if _has_readings(ask, one)), "")
        if not words:
            break
    return words if others else ""


def _has_readings(ask: Ask, words: str) -> bool:
    try:
        ask.times.read(words, ask.context.now, ask.context.zone)
    except UnclearTimeError as error:
        return len(error.readings) > 1
    except BadInputError:
        pass
    return False


def unsure(cut: CutWords, line: str) -> Say:
    """Return the question for a sentence with more words of time than one time uses.

    `line` says the same with one time, in a form of words that is understood.
    """
    beside = ", ".join(f"“{words}”" for words in cut.left)
    if not cut.words:
        return Say(f"I do not understand the time in {beside}. {CLEAR} {line}", honest=True)
    return Say(
        f"I am not sure which time you mean: “{cut.words}”, and there is also {beside}. "
        f"{CLEAR} {line}",
        honest=True,
    )


def plainly(cut: CutWords, text: str) -> tuple[str, str]:
    """Return one time of a sentence and its text in quotes, where no word is taken for a time.

    Where no time is understood, it is one to be changed, and the text has no words of time.
    """
    if not cut.words:
        for words in cut.left:
            text = " ".join(text.replace(words, " ").split())
        text = text.removeprefix("to ")
    return cut.words or "friday 9am", f'"{text.replace(chr(34), chr(39))}"'


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
