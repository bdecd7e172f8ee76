"""Ceilings and costs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.litellm.failures import retry_after
from adapters.litellm.prices import ceiling, cost
from adapters.litellm.tiers import Prices, Target, TierConfig, targets
from core.domain.errors import ModelRefusedError
from core.ports.model import ModelMessage, ModelRequest, Usage
from tests.contracts.model import hello


def own(model: str, prices: Prices | None = None) -> Target:
    """Make the target of a tier with one model."""
    return next(targets({"fast": TierConfig(model, prices=prices)}, "fast"))


def test_an_unknown_price_is_refused_with_the_key_to_set() -> None:
    """A model that nobody priced is refused before the call, naming what to set."""
    with pytest.raises(ModelRefusedError, match=r"llm\.tiers\.fast\.prices"):
        ceiling(own("some/model-of-mine"), hello())


def test_config_comes_before_the_table() -> None:
    """A configured price wins over the one that litellm knows."""
    priced = own("gpt-4o", Prices(Decimal(1000), Decimal(0)))
    assert cost(priced, Usage(tokens_in=1000)) == 1
    assert cost(own("gpt-4o"), Usage(tokens_in=1000)) < 1


@pytest.mark.parametrize("model", ["gpt-4o", "openai/gpt-4o", "anthropic/claude-sonnet-4-5"])
def test_known_models_have_a_price(model: str) -> None:
    """Well-known names are found in litellm's table, with and without the provider."""
    assert ceiling(own(model), hello()) > 0


def test_cached_tokens_cost_less() -> None:
    """What the provider had cached is counted at its own price."""
    full = cost(own("gpt-4o"), Usage(tokens_in=1000))
    cached = cost(own("gpt-4o"), Usage(tokens_in=1000, cached_in=1000))
    assert 0 < cached < full


def test_the_answer_counts_at_its_limit() -> None:
    """A ceiling holds the whole answer that the request allows."""
    target = own("m", Prices(Decimal(0), Decimal(10)))
    request = hello().model_copy(update={"max_tokens": 100_000})
    assert ceiling(target, request) == 1


@given(text=st.text(max_size=300), tokens_out=st.integers(0, 2048))
def test_no_plausible_usage_passes_the_ceiling(text: str, tokens_out: int) -> None:
    """One token for two bytes of the prompt and the longest answer stay under the ceiling."""
    request = ModelRequest(
        agent="a", tier="fast", messages=(ModelMessage(role="user", content=text),)
    )
    used = Usage(tokens_in=len(text.encode()) // 2, tokens_out=tokens_out)
    for target in (own("gpt-4o"), own("m", Prices(Decimal(3), Decimal(9)))):
        assert cost(target, used) <= ceiling(target, request)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("", None), ("soon", None)],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    """Seconds are taken as they are, nonsense as no wish."""
    assert retry_after({"retry-after": value}) == seconds


def test_retry_after_as_a_date() -> None:
    """A date that has passed asks for no pause, one ahead for the time until it."""
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert (retry_after({"retry-after": "Wed, 21 Oct 2105 07:28:00 GMT"}) or 0) > 1e9


def test_a_neighbour_serves_a_tier_without_a_model() -> None:
    """A tier that is not configured is served by the next one that is."""
    tiers = TierConfig("one")
    assert [t.model for t in targets({"deep": tiers}, "fast")] == ["one"]


def test_the_key_is_in_no_repr() -> None:
    """A tier can be logged without its key."""
    assert "secret" not in repr(TierConfig("m", api_key="secret"))
