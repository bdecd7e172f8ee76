"""Which model answers: the configured one, or the offline one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from adapters.litellm.tiers import Prices, TierConfig
from adapters.offline.model import OfflineModel
from adapters.when.lazy import LazyWhen
from bot.config import Config
from bot.config.resources import TierModel, Transcription
from bot.wiring.detect import detect
from core.ports.model import Model, Tier
from core.ports.transcriber import Transcriber

FREE = Prices(Decimal(0), Decimal(0))
NO_MODEL = (
    "No model is configured, so the offline model answers: it remembers, keeps to-dos, reminders "
    "and notes, and drafts and sends mail, in plain English. To set a model: llm.api_key and "
    "llm.tiers.balanced.model in config.yaml (see config.example.yaml)."
)


def build_offline() -> OfflineModel:
    """Return the model that needs nothing."""
    return OfflineModel(LazyWhen())


class Chosen(NamedTuple):
    """The model that is called first, what the owner is told at the start, and the names in use."""

    model: Model
    said: str = ""
    names: tuple[str, ...] = ("configured",)


def build_model(config: Config, offline: Model, environ: Mapping[str, str]) -> Chosen:
    """Return the configured model, else one that was found, else the offline one."""
    llm = config.llm
    tiers: dict[Tier, TierModel] = {
        "fast": llm.tiers.fast,
        "balanced": llm.tiers.balanced,
        "deep": llm.tiers.deep,
    }
    if any(tier.model for tier in tiers.values()):
        used = {name: _tier(tier, config) for name, tier in tiers.items() if tier.model}
        return Chosen(_litellm(used, config), names=_names(used))
    found = detect(environ)
    if found is None:
        return Chosen(offline, NO_MODEL, ("offline",))
    prices = FREE if found.free else None
    # `llm.api_base` and `llm.api_key` are for models of one's own: they do not go elsewhere.
    detected: dict[Tier, TierConfig] = {
        "fast": TierConfig(found.fast, found.api_base, prices=prices),
        "balanced": TierConfig(found.balanced, found.api_base, prices=prices),
        "deep": TierConfig(found.deep, found.api_base, prices=prices),
    }
    return Chosen(_litellm(detected, config), found.why, _names(detected))


def build_transcriber(config: Config) -> Transcriber | None:
    """Return the configured model for voice messages, None where there is none."""
    said = config.llm.transcription
    if said.model is None:
        return None
    from adapters.litellm.transcription import LiteLlmTranscriber

    return LiteLlmTranscriber(
        TierConfig(said.model, said.api_base or config.llm.api_base, _key(said, config)),
        per_minute=said.price_per_minute,
        language=said.language,
        timeout_s=config.llm.timeout_s,
    )


def _names(tiers: dict[Tier, TierConfig]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tier.model for tier in tiers.values()))


def _litellm(tiers: dict[Tier, TierConfig], config: Config) -> Model:
    from adapters.litellm.model import LiteLlmModel

    return LiteLlmModel(tiers, timeout_s=config.llm.timeout_s)


def _tier(tier: TierModel, config: Config) -> TierConfig:
    return TierConfig(
        model=tier.model or "",
        api_base=tier.api_base or config.llm.api_base,
        api_key=_key(tier, config),
        fallbacks=tier.fallbacks,
        prices=_prices(tier),
    )


def _key(tier: TierModel | Transcription, config: Config) -> str | None:
    secret = tier.api_key or config.llm.api_key
    return secret.get_secret_value() if secret else None


def _prices(tier: TierModel) -> Prices | None:
    if tier.prices is None:
        return None
    return Prices(tier.prices.input_per_million, tier.prices.output_per_million)
