"""What a provider says that a call used, checked against itself and against the text.

Where two readings do not agree the higher one counts: money is never counted too low.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeGuard

from adapters.litellm.limits import CHARS_PER_TOKEN, MOST_CHARS_PER_TOKEN
from core.ports.model import Usage

_CHARS_PER_TOKEN: Final = 3
"""For an estimate: hardly any text has fewer."""
_MOST: Final = 10**12
"""Nobody uses as many: what is told beyond it would not fit into a database."""
_DIGITS: Final = 100
_NUMBERS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
_DETAILS: Final = {
    "prompt_tokens_details": ("cached_tokens", "cache_creation_tokens"),
    "completion_tokens_details": ("reasoning_tokens",),
}


def count(told: object) -> int:
    """Return a number of tokens as told, zero for what is no whole number above it."""
    if isinstance(told, str):
        told = int(told) if told.isascii() and told.isdigit() and len(told) < _DIGITS else 0
    if isinstance(told, float) and told.is_integer():
        told = int(told)
    if isinstance(told, bool) or not isinstance(told, int):
        return 0
    return min(max(told, 0), _MOST)


def believed(told: object, guess: int) -> int:
    """Return a number of tokens as told; one in fractions is believed only above the guess.

    Nobody counts tokens so, but whoever tells many of them may charge for as many.
    """
    if not is_fraction(told):
        return count(told)
    above = min(math.ceil(told), _MOST)
    return above if above > guess else 0


def is_fraction(told: object) -> TypeGuard[float]:
    """Whether it is a number, and no whole one."""
    return isinstance(told, float) and math.isfinite(told) and not told.is_integer()


def is_told(usage: dict[str, Any] | None) -> bool:
    """Whether a usage names any tokens at all."""
    return usage is not None and any(believed(usage.get(name), 0) for name in _NUMBERS)


def estimated(most_in: int, size: int, max_tokens: int) -> Usage:
    """Return a usage for what was not told: a prompt at its most, an answer of `size` characters.

    An answer counts with no more than the `max_tokens` that its server was asked for; one of which
    nothing could be read may have been as long.
    """
    out = min(math.ceil(size / _CHARS_PER_TOKEN) + 1, max_tokens)
    return Usage(tokens_in=most_in, tokens_out=out if size else max_tokens)


def checked(told: Any, guess: Usage, size: int, least_in: int = 0) -> Usage:  # noqa: ANN401 - litellm's usage
    """Return the usage that counts: as told where that can be, else as guessed.

    `size` is that of the answer in characters, `least_in` a lower bound for the tokens of the
    prompt.
    """
    tokens_in = believed(_part(told, "prompt_tokens"), guess.tokens_in)
    tokens_out = believed(_part(told, "completion_tokens"), guess.tokens_out)
    if tokens_out * MOST_CHARS_PER_TOKEN < size:  # whoever tells fewer has not counted
        tokens_out = max(tokens_out, guess.tokens_out)
    details = _part(told, "prompt_tokens_details")
    cached = count(_part(details, "cached_tokens"))
    written = believed(_part(details, "cache_creation_tokens"), 0)
    if not tokens_in:
        tokens_in = guess.tokens_in
    if cached + written > tokens_in:
        tokens_in += cached + written
    if tokens_in < least_in:
        tokens_in = max(tokens_in, guess.tokens_in)
    thought = believed(_part(_part(told, "completion_tokens_details"), "reasoning_tokens"), 0)
    if thought > tokens_out:
        tokens_out += thought
    # Some tell apart from the answer what was thought for it, and count both into the total.
    total = believed(_part(told, "total_tokens"), guess.tokens_in + guess.tokens_out)
    tokens_out += max(0, total - tokens_in - tokens_out)
    return Usage(tokens_in=tokens_in, tokens_out=tokens_out, cached_in=cached, written_in=written)


def received(response: Any, made: Any, size: int) -> Any:  # noqa: ANN401 - a stream and a usage of litellm
    """Return the usage that came in a stream, None where litellm made it up at its end.

    litellm also replaces the total by a sum of its own. Of several the highest numbers count; where
    they are too low for an answer of `size` characters, each told of its own piece.
    """
    chunks: Iterable[Any] | None = getattr(response, "chunks", None)
    if chunks is None:
        return made
    told = [usage for chunk in chunks if (usage := getattr(chunk, "usage", None))]
    return _joined(told, size) if len(told) > 1 else next(iter(told), None)


def _joined(told: Sequence[Any], size: int) -> dict[str, Any]:
    """Return one usage for several of the same stream."""
    highest: dict[str, Any] = {name: _highest(told, name) for name in _NUMBERS}
    for name, parts in _DETAILS.items():
        details = [_part(one, name) for one in told]
        highest[name] = {part: max(_counts(details, part)) for part in parts}
    if highest["completion_tokens"] * CHARS_PER_TOKEN < size:
        summed = min(sum(_counts(told, "completion_tokens")), size)
        highest["completion_tokens"] = max(summed, highest["completion_tokens"])
    return highest


def _highest(told: Sequence[Any], name: str) -> float:
    """Return the highest number told, in fractions where it was."""
    fractions = (part for one in told if is_fraction(part := _part(one, name)))
    return max(*_counts(told, name), *fractions)


def _counts(told: Sequence[Any], name: str) -> list[int]:
    return [count(_part(one, name)) for one in told]


def _part(told: Any, name: str) -> Any:  # noqa: ANN401 - a model of litellm or a mapping
    return told.get(name) if isinstance(told, dict) else getattr(told, name, None)
