"""Ceilings and costs."""

import base64
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.litellm.prices import ceiling, cost, most_of
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


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ("openai/gpt-4o-mni", "openai/gpt-4o-mini"),
        ("gpt4o", "gpt-4o"),
        ("anthropic/claude-sonet-4-6", "anthropic/claude-sonnet-4-6"),
        ("Anthropic/Claude-Sonnet-4.6", "anthropic/claude-sonnet-4-6"),
        ("gemini-2.5-flush", "gemini-2.5-flash"),
    ],
)
def test_a_mistyped_name_is_told_with_what_was_meant(model: str, meant: str) -> None:
    """A name that is nearly right is no price that is missing."""
    with pytest.raises(ModelRefusedError, match="There is no such model as") as caught:
        ceiling(own(model), hello())
    assert f"did you mean {meant!r}" in str(caught.value)
    assert "Correct `llm.tiers.fast` in config.yaml" in str(caught.value)


def test_a_name_like_no_other_is_told_too() -> None:
    """Without a server of one's own only litellm's table can know it."""
    with pytest.raises(ModelRefusedError, match="no such model as 'mine', as far as"):
        ceiling(own("mine"), hello())
    with pytest.raises(ModelRefusedError, match="price of the model 'mine' is unknown"):
        ceiling(at("https://models.example.com/v1"), hello())


def at(api_base: str, model: str = "mine") -> Target:
    """Make the target of a model at an address."""
    return next(targets({"fast": TierConfig(model, api_base)}, "fast"))


@pytest.mark.parametrize(
    "target",
    [
        own("ollama/a-new-one"),
        own("ollama_chat/qwen9:4b"),
        at("http://127.0.0.1:8080/v1"),
        at("http://[::1]:8080/v1"),
        at("http://192.168.1.20:1234/v1"),
        at("http://10.0.0.3/v1"),
        at("http://100.100.7.1:11434/v1"),
        at("http://localhost:11434"),
        at("http://workshop:11434"),
        at("http://host.docker.internal:11434/v1"),
        at("http://models.local/v1", "openai/mine"),
    ],
)
def test_a_model_on_ones_own_machine_is_free(target: Target) -> None:
    """An Ollama's, or one at an address that no public net has, needs no price."""
    assert ceiling(target, hello()) == cost(target, Usage(tokens_in=10**6, tokens_out=10**6)) == 0


@pytest.mark.parametrize(
    "api_base",
    [
        "http://8.8.8.8/v1",
        "https://api.example.com/v1",
        "https://127.0.0.1.example.com/v1",
        "https://localhost.example.com/v1",
        "https://localhost@api.example.com/v1",
        "https://[2001:4860:4860::8888]/v1",
        "https://[broken/v1",
    ],
)
def test_a_model_elsewhere_is_not(api_base: str) -> None:
    """Whatever its address only looks like."""
    with pytest.raises(ModelRefusedError):
        ceiling(at(api_base), hello())


def test_a_paid_model_behind_a_proxy_of_ones_own_is_not_free() -> None:
    """What has a price has it wherever it is asked from; zero in config says otherwise."""
    proxy = at("http://127.0.0.1:4000", "gpt-4o")
    assert ceiling(proxy, hello()) == ceiling(own("gpt-4o"), hello()) > 0


def test_nothing_but_zero_in_the_table_is_no_price() -> None:
    """The provider charges, only not in a way that the table tells."""
    with pytest.raises(ModelRefusedError, match="is unknown"):
        ceiling(own("meta_llama/Llama-3.3-70B-Instruct"), hello())


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


def test_a_neighbour_serves_a_tier_without_a_model() -> None:
    """A tier that is not configured is served by the next one that is."""
    tiers = TierConfig("one")
    assert [t.model for t in targets({"deep": tiers}, "fast")] == ["one"]


def test_the_key_is_in_no_repr() -> None:
    """A tier can be logged without its key."""
    assert "secret" not in repr(TierConfig("m", api_key="secret"))


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("perplexity/sonar", "0.013"),
        ("gpt-4o-search-preview", "0.0275"),
        ("perplexity/sonar-small-online", "0.005"),
        ("gpt-4o", "0.0025"),
    ],
)
def test_what_searches_with_every_call_is_charged_for_it(model: str, usd: str) -> None:
    """Beside its tokens, at the highest price; for others a search is a tool, and not given."""
    target = own(model)
    assert cost(target, Usage(tokens_in=1000)) == Decimal(usd)
    assert ceiling(target, hello()) > cost(target, Usage(tokens_in=10))


def test_thoughts_at_a_price_of_their_own_are_counted() -> None:
    """Where they cost more, all of the answer counts at that: few servers say which it is."""
    target = own("dashscope/qwen-turbo-latest")
    assert cost(target, Usage(tokens_out=10**6)) == Decimal("0.5")
    allowed = hello().model_copy(update={"max_tokens": 10**6})
    assert ceiling(target, allowed) > Decimal("0.5")


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(bytes(range(256)) * 40).decode(),
        "".join(chr(0x4E00 + 37 * n % 20_000) for n in range(5000)),
        "".join(chr(0x1F300 + n % 700) for n in range(5000)),
        "zq xj vk wp " * 2000,
        "0123456789" * 1000,
    ],
    ids=["base 64", "han", "emoji", "letters", "digits"],
)
def test_no_text_has_more_tokens_than_are_reserved(text: str) -> None:
    """Counted with a tokenizer that models have in fact; digits also as others take them."""
    from litellm.litellm_core_utils.default_encoding import encoding

    at_most = most_of(text)
    assert at_most >= len(encoding.encode(text, disallowed_special=()))
    assert at_most >= sum(character.isdigit() for character in text)
