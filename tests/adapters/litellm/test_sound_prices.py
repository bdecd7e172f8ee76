"""What a recording may cost, and what it cost."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from adapters.litellm.sound_prices import SoundPrices, Told, charged, prices_of, told_by
from adapters.litellm.tiers import TierConfig
from adapters.litellm.transcription import Listener
from core.domain.errors import ModelRefusedError
from core.ports.transcriber import Sound

MINUTE = Sound(data=b"x", name="v.oga", media_type="audio/ogg", seconds=60)


def prices(model: str, api_base: str | None = None, per_minute: str | None = None) -> SoundPrices:
    """Return the prices of a model."""
    asked = Listener(model, TierConfig(model, api_base))
    return prices_of(asked, None if per_minute is None else Decimal(per_minute))


@pytest.mark.parametrize(
    ("model", "api_base", "usd"),
    [
        ("whisper-1", None, "0.006"),
        ("openai/whisper-1", None, "0.006"),
        ("whisper-1", "http://127.0.0.1:9/v1", "0.006"),
        ("groq/whisper-large-v3-turbo", None, "0.0006666"),
        ("soniox/stt-async-v4", None, "0.0016666680"),
    ],
)
def test_a_known_model_has_the_price_of_the_table(
    model: str, api_base: str | None, usd: str
) -> None:
    """The higher one of the two prices of a second, which are one price."""
    assert prices(model, api_base).ceiling(MINUTE) == Decimal(usd)


def test_config_comes_before_the_table() -> None:
    """A price that is written counts, and zero is a price."""
    assert prices("whisper-1", per_minute="0.60").ceiling(MINUTE) == Decimal("0.60")
    free = prices("mine", per_minute="0")
    assert free.ceiling(MINUTE) == free.cost(MINUTE, Told()) == 0


def test_a_model_on_ones_own_machine_is_free() -> None:
    """It needs no price; what the table knows has its price also behind a proxy."""
    assert prices("faster-whisper", "http://127.0.0.1:9000/v1").ceiling(MINUTE) == 0
    with pytest.raises(ModelRefusedError, match="did you mean 'whisper-1'"):
        prices("wisper-1")


@pytest.mark.parametrize("model", ["mine", "gpt-4o", "fireworks_ai/fireworks-asr-v2"])
def test_an_unknown_price_is_refused(model: str) -> None:
    """A model without a price, one that writes, one whose price the table has as zero."""
    with pytest.raises(ModelRefusedError, match=r"`llm\.transcription\.price_per_minute`"):
        prices(model)


@pytest.mark.parametrize(
    ("model", "usd"),
    [("gpt-4o-transcribe", "0.0035"), ("azure/gpt-4o-transcribe", "0.0056")],
)
def test_tokens_are_counted_where_they_are_told(model: str, usd: str) -> None:
    """Sound, text in and text out have their own prices; the ceiling is above it all."""
    told = Told(audio_tokens=600, tokens_out=200)
    found = prices(model)
    assert found.cost(MINUTE, told) == Decimal(usd) < found.ceiling(MINUTE)
    assert told.usage.tokens_in == 600


def test_parts_that_do_not_add_up_count_at_the_higher_reading() -> None:
    """What the total has beside its parts was used too, and so was the sound that is told apart."""
    details = SimpleNamespace(text_tokens=0, audio_tokens=900)
    used = SimpleNamespace(
        input_tokens=100, output_tokens=200, total_tokens=1500, input_token_details=details
    )
    told = told_by(SimpleNamespace(usage=used, text="hello"))
    assert (told.audio_tokens, told.tokens_out) == (900, 600)
    used.total_tokens = used.input_token_details = None
    told = told_by(SimpleNamespace(usage=used, text="hello"))
    assert (told.audio_tokens, told.tokens_out) == (100, 200)


def test_what_has_no_price_counts_at_the_ceiling() -> None:
    """Seconds of a model that is priced by tokens alone, or nothing told, cost the most."""
    found = prices("azure/gpt-4o-transcribe")
    assert found.cost(MINUTE, Told(seconds=Decimal(1))) == found.ceiling(MINUTE) > 0
    assert found.cost(MINUTE, Told()) == found.ceiling(MINUTE)
    seconds = prices("whisper-1")
    assert seconds.cost(MINUTE, Told(audio_tokens=5)) == seconds.ceiling(MINUTE)


def test_too_little_for_the_sound_is_not_believed() -> None:
    """A second of a minute, or a handful of tokens for it, cannot have been all."""
    whisper, tokens = prices("whisper-1"), prices("gpt-4o-transcribe")
    assert whisper.cost(MINUTE, Told(seconds=Decimal(1))) == whisper.ceiling(MINUTE)
    assert whisper.cost(MINUTE, Told(seconds=Decimal(58))) < whisper.ceiling(MINUTE)
    assert tokens.cost(MINUTE, Told(audio_tokens=5, tokens_out=5)) == tokens.ceiling(MINUTE)
    assert tokens.cost(MINUTE, Told(text_tokens=600, tokens_out=5)) == tokens.ceiling(MINUTE)


@pytest.mark.parametrize(("seconds", "counted"), [(1, 15), (15, 15), (15.1, 16), (61, 61)])
def test_a_second_that_was_begun_is_charged(seconds: float, counted: int) -> None:
    """Whole seconds, and what the strictest provider asks for the shortest sound."""
    assert charged(MINUTE.model_copy(update={"seconds": seconds})) == counted
