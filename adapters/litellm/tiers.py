"""Which model serves which tier, where, and at what price."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from core.domain.errors import ModelRefusedError
from core.ports.model import Tier

ORDER: Final[dict[Tier, tuple[Tier, ...]]] = {
    "fast": ("fast", "balanced", "deep"),
    "balanced": ("balanced", "deep", "fast"),
    "deep": ("deep", "balanced", "fast"),
}
"""Which tier stands in for one that is not configured."""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    input_per_million: Decimal
    output_per_million: Decimal


@dataclass(frozen=True, slots=True)
class TierConfig:
    """A tier: litellm's name of the model, and the server it is on when that is one's own.

    `fallbacks` are asked in order when the model is unreachable. `prices` are those of the model,
    and of a fallback that has no known price.
    """

    model: str
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    fallbacks: tuple[str, ...] = ()
    prices: Prices | None = None


class Asked:
    """What is called: a model and where it is; `setting` is the section that says so."""

    __slots__ = ()

    model: str
    config: TierConfig

    @property
    def setting(self) -> str:
        """The section of the configuration."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name for litellm: a bare one on one's own server speaks OpenAI's protocol."""
        if self.config.api_base and "/" not in self.model:
            return f"openai/{self.model}"
        return self.model

    @property
    def key(self) -> str | None:
        """The key to send; one's own server never gets one from the environment."""
        if self.config.api_key is None and self.config.api_base is not None:
            return "none"
        return self.config.api_key


@dataclass(frozen=True, slots=True)
class Target(Asked):
    """One model to call. `first` tells the tier's own model from a fallback."""

    tier: Tier
    model: str
    config: TierConfig
    first: bool = True

    @property
    def setting(self) -> str:
        """The section of the tier."""
        return f"llm.tiers.{self.tier}"

    @property
    def marks_cache(self) -> bool:
        """Whether the provider caches what is marked; others do so by themselves, or never."""
        return "claude" in self.name and not self.name.startswith("openai/")


def targets(tiers: Mapping[Tier, TierConfig], tier: Tier) -> Iterator[Target]:
    """Yield the models to try for a tier. Raises ModelRefusedError when none is configured."""
    found = next((name for name in ORDER[tier] if name in tiers), None)
    if found is None:
        message = "No model is configured: set `llm.tiers.balanced.model` in config.yaml."
        raise ModelRefusedError(message)
    config = tiers[found]
    yield Target(found, config.model, config)
    for model in config.fallbacks:
        yield Target(found, model, config, first=False)
