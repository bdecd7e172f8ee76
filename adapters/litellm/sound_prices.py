"""What turning sound into words costs: by the minute from config, else from litellm's table."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from adapters.litellm.limits import CHARS_PER_TOKEN
from adapters.litellm.local import is_local
from adapters.litellm.prices import entries, unknown
from adapters.litellm.tiers import Asked
from adapters.litellm.usage import count
from core.domain.errors import ModelRefusedError
from core.domain.money import ZERO
from core.ports.model import Usage
from core.ports.transcriber import Sound

LEAST_S: Final = 15
"""The longest that a provider is known to charge for a sound that is shorter."""
MOST_IN_PER_S: Final = 32
MOST_OUT_PER_S: Final = 16
"""Tokens of a second of sound, and of what can be said in it: a ceiling may be too high."""
_MODE: Final = "audio_transcription"


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider told of the length of a call: seconds, or tokens, or nothing."""

    seconds: Decimal | None = None
    audio_tokens: int = 0
    text_tokens: int = 0
    tokens_out: int = 0
    chars: int = 0

    def is_too_little(self, sound: Sound) -> bool:
        """Return whether it cannot be all: of the length, of the tokens, or for so many words.

        Silence may be free, not three quarters; no provider makes less than ten tokens of a second.
        """
        if self.chars > CHARS_PER_TOKEN * MOST_OUT_PER_S * (self.seconds or charged(sound)):
            return True
        if self.usage.tokens_in and self.audio_tokens < sound.seconds:
            return True
        return self.seconds is not None and self.seconds * 4 < Decimal(str(sound.seconds))

    @property
    def usage(self) -> Usage:
        """The tokens as events tell them."""
        return Usage(tokens_in=self.audio_tokens + self.text_tokens, tokens_out=self.tokens_out)


@dataclass(frozen=True, slots=True)
class SoundPrices:
    """US dollars for a second, and for a token of sound, of text in and of text out."""

    second: Decimal = ZERO
    audio: Decimal = ZERO
    text: Decimal = ZERO
    out: Decimal = ZERO

    @property
    def by_tokens(self) -> bool:
        """Whether there is a price for tokens."""
        return bool(self.audio or self.text or self.out)

    def ceiling(self, sound: Sound) -> Decimal:
        """Return the most that a sound can cost."""
        tokens = MOST_IN_PER_S * max(self.audio, self.text) + MOST_OUT_PER_S * self.out
        return charged(sound) * max(self.second, tokens)

    def cost(self, sound: Sound, told: Told) -> Decimal:
        """Return what a call cost; its ceiling where the provider told nothing that has a price."""
        if told.is_too_little(sound):
            return self.ceiling(sound)
        if self.by_tokens and told.usage.tokens_in and told.tokens_out:
            tokens = told.audio_tokens * self.audio + told.text_tokens * self.text
            return tokens + told.tokens_out * self.out
        if told.seconds is not None and (self.second or not self.by_tokens):
            return told.seconds * self.second
        return self.ceiling(sound)


def charged(sound: Sound) -> int:
    """Return the seconds that may be charged for a sound."""
    return max(LEAST_S, math.ceil(sound.longest))


def prices_of(asked: Asked, per_minute: Decimal | None) -> SoundPrices:
    """Return the prices of a model. Raises ModelRefusedError, naming the key, when unknown.

    A table that says nothing but zero does not know the price.
    """
    if per_minute is not None:
        return SoundPrices(second=per_minute / 60)
    for entry in entries(asked):
        found = _read(entry) if entry.get("mode") == _MODE else SoundPrices()
        if found != SoundPrices():
            return found
    if is_local(asked.name, asked.config.api_base):
        return SoundPrices()
    setting = f"`{asked.setting}.price_per_minute` (in US dollars; 0 for one that costs nothing)"
    raise ModelRefusedError(unknown(asked, frozenset({_MODE}), setting))


def told_by(response: Any) -> Told:  # noqa: ANN401 - a response of litellm
    """Return what a response tells of the length."""
    usage = getattr(response, "usage", None)
    told = getattr(usage, "seconds", None) or getattr(response, "duration", None)
    details = getattr(usage, "input_token_details", None)
    whole = count(getattr(usage, "input_tokens", None))
    words = count(getattr(details, "text_tokens", None))
    sound = max(whole - words, count(getattr(details, "audio_tokens", None)))
    said = count(getattr(usage, "output_tokens", None))
    total = count(getattr(usage, "total_tokens", None))
    return Told(
        seconds=_seconds(told),
        audio_tokens=sound,
        text_tokens=words,
        # What the total has beside its parts counts at the price of what was said, as elsewhere.
        tokens_out=said + max(0, total - sound - words - said),
        chars=len(text) if isinstance(text := getattr(response, "text", None), str) else 0,
    )


def _seconds(told: object) -> Decimal | None:
    if not isinstance(told, int | float) or not math.isfinite(told) or told <= 0:
        return None
    return Decimal(str(told))


def _read(entry: Mapping[str, Any]) -> SoundPrices:
    text = _price(entry, "input_cost_per_token")
    return SoundPrices(
        # What the table has as a price of the output of whisper is that of the input once more.
        second=max(_price(entry, "input_cost_per_second"), _price(entry, "output_cost_per_second")),
        audio=_price(entry, "input_cost_per_audio_token") or text,
        text=text,
        out=_price(entry, "output_cost_per_token"),
    )


def _price(entry: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(entry.get(name) or 0))
