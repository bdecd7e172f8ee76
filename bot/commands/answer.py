"""What a command answers: blocks of text, pictures, and beside them what may be tapped."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from core.domain.choices import LONGEST_LABEL, Choice
from core.domain.errors import BadInputError
from core.domain.visible import cleaned
from core.ports.chat_surface import CardView

MOST_BYTES = 60
"""A line above that fits on no button."""
_IDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}\??")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it was drawn: a PNG, the name of its file, and what is to be seen in words."""

    name: str
    alt: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to the text before it; where no pictures are shown it is never drawn.

    `draw` raises RefusedError with a sentence that is shown in its place.
    """

    draw: Callable[[], Awaitable[Drawn]]


Block = str | Picture


class Answer(list[Block]):
    """Blocks of text and pictures; whoever cannot show `choices` takes it for its blocks alone."""

    def __init__(
        self, blocks: Iterable[Block] = (), choices: Iterable[Sequence[Choice]] = ()
    ) -> None:
        """Take blocks in their order, and choices, as `choice` makes them, in theirs."""
        super().__init__(blocks)
        self.choices = tuple(one for made in choices for one in made)

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> "Answer":
        """Return what a command returned as an answer."""
        return blocks if isinstance(blocks, Answer) else cls(blocks)


class Drafted(Answer):
    """An edit of a card that is shown and waits for an accept; `view` is the card as it is now.

    `expected`: it was written after Edit was pressed, and replied to nothing.
    """

    def __init__(self, view: CardView, *, expected: bool = False) -> None:
        """Say in text what changes, and how to answer."""
        head = f"Edit of {view.card}, not done yet: accepting the card now means this."
        super().__init__(["\n".join([head, *view.difference, answers_line(view.card)])])
        self.view, self.expected = view, expected


def answers_line(card: str) -> str:
    """Return the words that answer a card by its name."""
    return f"Answer with: accept {card} · edit {card} field=value · reject {card}: REASON"


def texts(blocks: Sequence[Block]) -> list[str]:
    """Return the blocks of text alone, for where no pictures are shown."""
    return [block for block in blocks if isinstance(block, str)]


class OfferError(BadInputError):
    """A line that is not clear; `choices` hold what may be meant."""

    def __init__(self, message: str, choices: Sequence[Choice]) -> None:
        """Say so in a sentence."""
        super().__init__(message)
        self.choices = tuple(choices)


class MistypedError(OfferError):
    """There is no such command."""


class WhichCardError(OfferError):
    """An answer in words that does not say which card it means."""


def choices_of(answered: object) -> tuple[Choice, ...]:
    """Return what may be tapped below what was answered, which may be an error."""
    return answered.choices if isinstance(answered, Answer | OfferError) else ()


def choice(label: str, command: str, *words: str, title: str = "") -> list[Choice]:
    """Return a choice of `/command words…`; none where a word is no id or word of ours.

    `title` is what the label says behind a colon as far as there is room; it may be the owner's
    words, never somebody else's.
    """
    if not all(_IDENT.fullmatch(word) for word in words):
        return []
    line = " ".join([f"/{command}", *words])
    title = " ".join(cleaned(title).split())
    label = f"{label}: {title}" if title else label
    return [Choice(label=clipped(label), line=line)] if len(line) <= MOST_BYTES else []


def typed(line: str) -> list[Choice]:
    """Return a choice of a line that the owner wrote but for its first word, where it is short."""
    line = line.strip()
    if len(line.encode()) > MOST_BYTES or cleaned(line) != line or "\n" in line:
        return []
    return [Choice(label=clipped(line), line=line)]


def clipped(label: str) -> str:
    """Return a label at its length."""
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
