"""Which model answers: the configured one, or the offline one."""

from adapters.offline.model import OfflineModel
from bot.config import Config
from bot.config.resources import TierModel
from core.ports.model import Model

NO_MODEL = (
    "No model is configured, so the offline model answers: it remembers, keeps to-dos, reminders "
    "and notes, and drafts and sends mail, in plain English. To set a model: llm.api_key and "
    "llm.tiers.balanced.model in config.yaml (see config.example.yaml)."
)


def build_offline() -> OfflineModel:
    """Return the model that needs nothing."""
    from adapters.when.words import WordsWhen

    return OfflineModel(WordsWhen())


def build_model(config: Config, offline: Model) -> Model:
    """Return the model that is called first; the offline one where no tier is set."""
    tiers = {name: getattr(config.llm.tiers, name) for name in ("fast", "balanced", "deep")}
    if not any(tier.model for tier in tiers.values()):
        return offline
    return _litellm(config, tiers)


def _litellm(config: Config, tiers: dict[str, TierModel]) -> Model:
    raise NotImplementedError
