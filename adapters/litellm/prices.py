"""What calls cost: prices from config, else from litellm's bundled table, never a guess.

The table is read from litellm's files without importing it: a ceiling is asked before the first
call, on the event loop.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from adapters.litellm.limits import MOST_CHARS_PER_TOKEN
from adapters.litellm.local import is_local
from adapters.litellm.openrouter import is_openrouter
from adapters.litellm.tiers import Asked, Prices, Target
from core.domain.errors import ModelRefusedError
from core.ports.model import ModelRequest, Usage

_TABLE: Final = "model_prices_and_context_window_backup.json"
_MILLION: Final = Decimal(1_000_000)
_WORDS: Final = b"abcdefghijklmnopqrstuvwxyz "
_TOKENS_OF_WORDS: Final = Decimal("0.6")
"""Per letter: at random they have 0.54 with cl100k, in English 0.2. Of what is written otherwise
(digits, capitals as in base 64, signs, other scripts) any byte may be a token.
"""
_TOKENS_PER_MESSAGE: Final = 16
_OTHER_TARIFFS: Final = (
    *("batch", "flex", "priority", "ultrafast", "1hr"),
    *("audio", "image", "video", "character"),
)
_NOT_BY_TOKEN: Final = frozenset({"ollama", "lemonade", "chatgpt", "github_copilot", "openrouter"})
"""Providers on one's own machine, within a subscription, or whose zero means that it is free."""
_THOUGHT: Final = "output_cost_per_reasoning_token"
_BY_REQUEST: Final = ("cost_per_request", "input_cost_per_request")
_BY_SEARCH: Final = "search_context_cost_per_query"
_SEARCHING: Final = ("-search-", "sonar", "deep-research")
"""Models that search with every call, unasked: for others that price is of a tool."""
CHAT: Final = frozenset({"chat", "responses"})
FREE: Final = Prices(Decimal(0), Decimal(0))
_LONG: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


def ceiling(target: Target, request: ModelRequest) -> Decimal:
    """Return the most that this call can cost in US dollars.

    Raises ModelRefusedError, naming the config key, when the price is unknown.
    """
    highest = _highest(target)
    tokens = most_tokens(request)
    by_token = tokens * highest.input_per_million + request.max_tokens * highest.output_per_million
    return by_token / _MILLION + _per_request(target)


def most_tokens(request: ModelRequest) -> int:
    """Return an upper bound for the tokens of the prompt: it may be too high, never too low."""
    texts = [message.model_dump_json() for message in request.messages]
    texts += [tool.model_dump_json() for tool in request.tools]
    return sum(map(most_of, texts)) + _TOKENS_PER_MESSAGE * (len(texts) + 1)


def most_of(text: str) -> int:
    """Return an upper bound for the tokens of a text, with whatever tokenizer."""
    raw = text.encode("utf-8", "surrogatepass")
    other = len(raw.translate(None, _WORDS))
    return other + math.ceil((len(raw) - other) * _TOKENS_OF_WORDS)


def least_tokens(request: ModelRequest) -> int:
    """Return a lower bound for the tokens of the prompt, with whatever tokenizer."""
    return sum(len(message.content) for message in request.messages) // MOST_CHARS_PER_TOKEN


def cost(target: Target, usage: Usage) -> Decimal:
    """Return what a call with this usage cost, cached tokens at their own prices where known."""
    if target.first and target.config.prices is not None:
        return _sum(target.config.prices, usage)
    entry = _entry(target)
    if entry is None:
        return _sum(_highest(target), usage)
    tier = _tier_of(entry, usage.tokens_in)
    out = _own(entry, f"output_cost_per_token{tier}", _at(entry, "output_cost_per_token"))
    prices = Prices(
        _own(entry, f"input_cost_per_token{tier}", _at(entry, "input_cost_per_token")),
        max(out, _own(entry, _THOUGHT, out)),  # not all tell how much of the answer was thought
    )
    usual = prices.input_per_million
    read = _own(entry, f"cache_read_input_token_cost{tier}", usual)
    written = _own(entry, f"cache_creation_input_token_cost{tier}", usual)
    moved = usage.written_in * (written - usual) + usage.cached_in * (read - usual)
    return _sum(prices, usage) + moved / _MILLION + _per_request(target)


def _per_request(target: Target) -> Decimal:
    """Return what a call costs beside its tokens; what config says is all there is."""
    if target.first and target.config.prices is not None:
        return Decimal(0)
    entry = _entry(target) or {}
    by_request = max(Decimal(str(entry.get(name) or 0)) for name in _BY_REQUEST)
    searches: Mapping[str, float] = entry.get(_BY_SEARCH) or {}
    if not searches or not any(word in target.name for word in _SEARCHING):
        return by_request
    return by_request + max(Decimal(str(price)) for price in searches.values())


def _sum(prices: Prices, usage: Usage) -> Decimal:
    return (
        usage.tokens_in * prices.input_per_million + usage.tokens_out * prices.output_per_million
    ) / _MILLION


def _highest(target: Target) -> Prices:
    """Return the highest prices a call may meet: long prompts and cache writes cost more."""
    entry = _entry(target)
    if target.config.prices is not None and (target.first or entry is None):
        return target.config.prices
    if entry is None and is_local(target.name, target.config.api_base):
        return FREE
    if entry is None:
        setting = (
            f"`llm.tiers.{target.tier}.prices` (input_per_million and output_per_million in US "
            "dollars; 0 for one that costs nothing)"
        )
        raise ModelRefusedError(unknown(target, CHAT, setting))
    return Prices(
        max(_per_million(value) for name, value in entry.items() if _counts(name, "input")),
        max(_per_million(value) for name, value in entry.items() if _counts(name, "output")),
    )


def _counts(name: str, side: str) -> bool:
    known = f"{side}_cost_per_token" in name or (side == "input" and "input_token_cost" in name)
    known = known or (side == "output" and name == _THOUGHT)
    return known and not any(word in name for word in _OTHER_TARIFFS)


def _tier_of(entry: Mapping[str, Any], tokens_in: int) -> str:
    """Return how the names of the prices end for a prompt of that length: long ones cost more."""
    found = (_LONG.fullmatch(name) for name in entry)
    limits = sorted(int(match[1]) for match in found if match)
    passed = [limit for limit in limits if tokens_in > limit * 1000]
    return f"_above_{passed[-1]}k_tokens" if passed else ""


def unknown(asked: Asked, modes: frozenset[str], setting: str) -> str:
    """Say that a model has no price, or that there is none of that name but one like it."""
    known = any(True for _ in entries(asked))
    similar = [] if known else _similar(asked, modes)
    if known or (asked.config.api_base and not similar):
        return f"The price of the model {asked.model!r} is unknown: set {setting} in config.yaml."
    found = " or ".join(repr(name) for name in similar)
    meant = f": did you mean {found}?" if found else ", as far as litellm's table goes."
    return (
        f"There is no such model as {asked.model!r}{meant} Correct `{asked.setting}` in "
        f"config.yaml or, for a model that the table lacks, set {setting} there."
    )


def _similar(asked: Asked, modes: frozenset[str]) -> list[str]:
    """Return up to three names of models that a mistyped one may stand for."""
    provider, slash, _ = asked.model.lower().partition("/")
    names = [
        name if "/" in name or not slash else f"{entry.get('litellm_provider')}/{name}"
        for name, entry in _table().items()
        if entry.get("mode") in modes
    ]
    if asked.config.catalogue is not None:
        names += asked.config.catalogue.names
    own = [name for name in names if name.startswith(f"{provider}/")] if slash else names
    return get_close_matches(asked.model.lower(), own or names, n=3, cutoff=0.75)


def _entry(target: Target) -> Mapping[str, Any] | None:
    return next((entry for entry in entries(target) if _is_priced(entry)), None)


def entries(asked: Asked) -> Iterator[Mapping[str, Any]]:
    """Yield what is known of a model: OpenRouter's own word, then litellm's table.

    There its full name comes first.
    """
    table = _table()
    through = asked.config.catalogue if is_openrouter(asked.model, asked.config.api_base) else None
    if through is not None and (entry := through.entry(asked.model)) is not None:
        yield entry
    names = (asked.name, asked.model, asked.model.rpartition("/")[2])
    yield from (table[name] for name in names if table.get(name))


def _is_priced(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry has prices; nothing but zero is none where the provider charges."""
    sides = ("input_cost_per_token", "output_cost_per_token")
    if not all(side in entry for side in sides):
        return False
    return entry.get("litellm_provider") in _NOT_BY_TOKEN or any(entry[side] for side in sides)


def _own(entry: Mapping[str, Any], name: str, usual: Decimal) -> Decimal:
    value = entry.get(name)
    return usual if value is None else _per_million(value)


def _at(entry: Mapping[str, Any], name: str) -> Decimal:
    return _per_million(entry[name])


def _per_million(value: float | None) -> Decimal:
    return Decimal(str(value or 0)) * _MILLION


@cache
def _table() -> Mapping[str, Any]:
    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    table: dict[str, Any] = json.loads((Path(spec.origin).parent / _TABLE).read_text("utf-8"))
    return table
