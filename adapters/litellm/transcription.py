"""Transcription through litellm: the port `Transcriber` over the network."""

import asyncio
import mimetypes
import re
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Final

from adapters.litellm import loading
from adapters.litellm.failures import may_be_charged, translated
from adapters.litellm.sound_prices import SoundPrices, prices_of, told_by
from adapters.litellm.tiers import Asked, TierConfig
from core.domain.errors import ModelRefusedError, ModelUnreachableError
from core.ports.transcriber import Sound, Transcript

MOST_SOUND_S: Final = 600.0
_OGG: Final = frozenset({".oga", ".opus"})
"""Other names of Ogg, which Telegram uses and not every provider knows."""
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")
_UNKNOWN: Final = "application/octet-stream"
_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@dataclass(frozen=True, slots=True)
class Listener(Asked):
    """The model of `llm.transcription`."""

    model: str
    config: TierConfig

    @property
    def setting(self) -> str:
        """The section of its settings."""
        return "llm.transcription"


class LiteLlmTranscriber:
    """Calls one model; every call is one request, and whether to try again is for who asks.

    A call may take `timeout_s` and as long as the sound lasts: a model of one's own may be no
    faster than speech.
    """

    def __init__(
        self,
        config: TierConfig,
        *,
        per_minute: Decimal | None = None,
        language: str | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        """Take the model, and its price in US dollars where litellm's table lacks it."""
        self._asked = Listener(config.model, config)
        self._per_minute, self._language, self._timeout_s = per_minute, language, timeout_s

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._asked.model

    def ceiling(self, sound: Sound) -> Decimal:
        """Return the most the call can cost. Raises ModelRefusedError when the price is unknown."""
        return self._prices().ceiling(sound)

    async def transcribe(self, sound: Sound) -> Transcript:
        """Make the call."""
        prices, began = self._prices(), time.perf_counter()
        timeout_s = self._timeout_s + min(sound.longest, MOST_SOUND_S)
        litellm = await loading.load_litellm()
        try:
            async with asyncio.timeout(timeout_s):
                response = await litellm.atranscription(**self._arguments(sound, timeout_s))
        except Exception as error:  # noqa: BLE001 - whatever a provider's client raises
            raise self._failure(error, sound, timeout_s) from None
        told = told_by(response)
        return Transcript(
            text=self._text(response, sound),
            usd=prices.cost(sound, told),
            ms=round((time.perf_counter() - began) * 1000),
            model=self.name,
            usage=told.usage,
        )

    async def close(self) -> None:
        """Close the connections that litellm keeps; nothing where it was never loaded."""
        await loading.close_clients()

    def _prices(self) -> SoundPrices:
        return prices_of(self._asked, self._per_minute)

    def _arguments(self, sound: Sound, timeout_s: float) -> dict[str, Any]:
        given = {
            "model": self._asked.name,
            "file": (_file_name(sound), sound.data, _media_type(sound)),
            "language": self._language,
            "response_format": "json",  # the one form that every server knows
            "api_base": self._asked.config.api_base,
            "api_key": self._asked.key,
            "timeout": timeout_s,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": True,
        }
        return {name: value for name, value in given.items() if value is not None}

    def _text(self, response: Any, sound: Sound) -> str:  # noqa: ANN401 - a response of litellm
        """Return the words; a page of a proxy, which litellm takes for them, is no answer."""
        headers = (getattr(response, "_hidden_params", None) or {}).get("headers") or {}
        text, kind = getattr(response, "text", None), headers.get("content-type", "json")
        if isinstance(text, str) and "json" in kind:
            return text
        message = f"The answer of the model {self.name!r} holds no words that can be read."
        raise ModelUnreachableError(message, usd=self.ceiling(sound))

    def _failure(
        self, error: Exception, sound: Sound, timeout_s: float
    ) -> ModelUnreachableError | ModelRefusedError:
        known = translated(error, self._asked, timeout_s)
        if isinstance(known, ModelUnreachableError) and may_be_charged(error):
            known.usd = self.ceiling(sound)
        return known


def _file_name(sound: Sound) -> str:
    """Return a name that tells the form and nothing else: servers go by the suffix."""
    suffix = PurePath(sound.name).suffix.lower()
    kind = _media_type(sound)
    if not _SUFFIX.fullmatch(suffix):
        suffix = "" if kind == _UNKNOWN else mimetypes.guess_extension(kind) or ""
    return f"sound{suffix}" if suffix and suffix not in _OGG else "sound.ogg"


def _media_type(sound: Sound) -> str:
    kind = sound.media_type.partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else _UNKNOWN
