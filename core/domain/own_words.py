"""Text that Equerry itself wrote, beside the words of others: whose commands may be tapped."""

import re
from collections.abc import Iterable
from typing import Final, Self

COMMAND: Final = re.compile(r"(?<![\w/:.])/[A-Za-z0-9_]{1,64}(?:@\w+)?(?![A-Za-z0-9_/])")
"""What a chat app makes a command of, that a tap sends without anything behind it."""


class Own(str):
    """A text of Equerry's own, alone or joined to a text that may quote anybody.

    `commands` are the places of its own commands, `whole` says that nobody is quoted at all. Only
    `+` and `joined` keep them: a text that is made in any other way, such as an f-string, states
    no commands, so words of others can never become one.
    """

    __slots__ = ("commands", "whole")
    commands: tuple[int, ...]
    whole: bool

    def __new__(cls, text: str) -> Self:
        """Take a text that is Equerry's to the last character."""
        found = (match.start() for match in COMMAND.finditer(text))
        return cls._of(text, tuple(found), whole=True)

    @classmethod
    def _of(cls, text: str, commands: tuple[int, ...], *, whole: bool) -> Self:
        made = super().__new__(cls, text)
        made.commands, made.whole = commands, whole
        return made

    def __add__(self, other: str) -> "Own":
        """Return both texts; what is no own text states nothing."""
        return joined((self, other), "")

    def __radd__(self, other: str) -> "Own":
        """Return both texts; what is no own text states nothing."""
        return joined((other, self), "")


def joined(texts: Iterable[str], between: str = "\n") -> Own:
    """Return texts one after the other, which states the commands that the own ones state."""
    parts = list(texts)
    places: list[int] = []
    at = 0
    text = between.join(parts)
    for part in parts:
        if isinstance(part, Own):
            places += (at + place for place in part.commands if _stays(part, place, text, at))
        at += len(part) + len(between)
    whole = all(isinstance(part, Own) and part.whole for part in parts)
    return Own._of(text, tuple(places), whole=whole)  # noqa: SLF001 - its own maker


def _stays(part: Own, place: int, text: str, at: int) -> bool:
    """Whether a command is the same in the whole text: what follows may have made it longer."""
    here, there = COMMAND.match(part, place), COMMAND.match(text, at + place)
    return here is not None and there is not None and here[0] == there[0]


def sentence(error: Exception) -> str:
    """Return the sentence of an error, as it was given."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Own) else str(error)
