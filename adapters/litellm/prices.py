"""What calls cost: prices from config, else from litellm's bundled table, never a guess.

The table is read from litellm's files without importing it: a ceiling is asked before the first
call, on the event loop.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from adapters.litellm.tiers import Asked, Prices, Target
from core.domain.errors import ModelRefusedError
from core.ports.model import ModelRequest, Usage

_TABLE: Final = "model_prices_and_context_window_backup.json"
_MILLION: Final = Decimal(1_000_000)
_BYTES_PER_TOKEN: Final = 2
"""Half of what English needs at the least: a ceiling may be too high, never too low."""
_TOKENS_PER_MESSAGE: Final = 16
_OTHER_TARIFFS: Final = (
    *("batch", "flex", "priority", "ultrafast", "1hr"),
    *("audio", "image", "video", "character"),
)
_LONG: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


def ceiling(target: Target, request: ModelRequest) -> Decimal:
    """Return the most that this call can cost in US dollars.

    Raises ModelRefusedError, naming the config key, when the price is unknown.
    """
    highest = _highest(target)
    tokens = most_tokens(request)
    return (
        tokens * highest.input_per_million + request.max_tokens * highest.output_per_million
    ) / _MILLION


def most_tokens(request: ModelRequest) -> int:
    """Return an upper bound for the tokens of the prompt."""
    texts = [message.model_dump_json() for message in request.messages]
    texts += [tool.model_dump_json() for tool in request.tools]
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size // _BYTES_PER_TOKEN + _TOKENS_PER_MESSAGE * (len(texts) + 1)


def cost(target: Target, usage: Usage) -> Decimal:
    """Return what a call with this usage cost, cached tokens at their own prices where known."""
    if target.first and target.config.prices is not None:
        return _sum(target.config.prices, usage)
    entry = _entry(target)
    if entry is None:
        return _sum(_highest(target), usage)
    tier = _tier_of(entry, usage.tokens_in)
    prices = Prices(
        _own(entry, f"input_cost_per_token{tier}", _at(entry, "input_cost_per_token")),
        _own(entry, f"output_cost_per_token{tier}", _at(entry, "output_cost_per_token")),
    )
    usual = prices.input_per_million
    read = _own(entry, f"cache_read_input_token_cost{tier}", usual)
    written = _own(entry, f"cache_creation_input_token_cost{tier}", usual)
    moved = usage.written_in * (written - usual) + usage.cached_in * (read - usual)
    return _sum(prices, usage) + moved / _MILLION


def _sum(prices: Prices, usage: Usage) -> Decimal:
    return (
        usage.tokens_in * prices.input_per_million + usage.tokens_out * prices.output_per_million
    ) / _MILLION


def _highest(target: Target) -> Prices:
    """Return the highest prices a call may meet: long prompts and cache writes cost more."""
    entry = _entry(target)
    if target.config.prices is not None and (target.first or entry is None):
        return target.config.prices
    if entry is None:
        message = (
            f"The price of the model {target.model!r} is unknown: set "
            f"`llm.tiers.{target.tier}.prices` (input_per_million and output_per_million in US "
            "dollars; 0 for one that costs nothing) in config.yaml."
        )
        raise ModelRefusedError(message)
    return Prices(
        max(_per_million(value) for name, value in entry.items() if _counts(name, "input")),
        max(_per_million(value) for name, value in entry.items() if _counts(name, "output")),
    )


def _counts(name: str, side: str) -> bool:
    known = f"{side}_cost_per_token" in name or (side == "input" and "input_token_cost" in name)
    return known and not any(word in name for word in _OTHER_TARIFFS)


def _tier_of(entry: Mapping[str, Any], tokens_in: int) -> str:
    """Return how the names of the prices end for a prompt of that length: long ones cost more."""
    found = (_LONG.fullmatch(name) for name in entry)
    limits = sorted(int(match[1]) for match in found if match)
    passed = [limit for limit in limits if tokens_in > limit * 1000]
    return f"_above_{passed[-1]}k_tokens" if passed else ""


def _entry(target: Target) -> Mapping[str, Any] | None:
    return next(
        (e for e in entries(target) if "input_cost_per_token" in e and _has_output(e)), None
    )


def entries(asked: Asked) -> Iterator[Mapping[str, Any]]:
    """Yield what litellm's table has of a model, under its full name first."""
    table = _table()
    names = (asked.name, asked.model, asked.model.rpartition("/")[2])
    yield from (table[name] for name in names if table.get(name))


def _has_output(entry: Mapping[str, Any]) -> bool:
    return "output_cost_per_token" in entry


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
