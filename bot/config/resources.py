"""Models, storage, money and telemetry."""

from decimal import Decimal

from pydantic import Field

from bot.config.section import Section
from bot.config.values import (
    Amount,
    ChromaUrl,
    DatabaseUrl,
    Folder,
    Language,
    Port,
    RedisUrl,
    Seconds,
    Secret,
    Text,
    Url,
)


class Prices(Section):
    """What a model costs, in US dollars for a million tokens."""

    input_per_million: Amount = Field(description="Price of tokens in.")
    output_per_million: Amount = Field(description="Price of tokens out.")


class TierModel(Section):
    """The model behind a tier; litellm's names."""

    model: Text | None = Field(None, description="Model name; null: the tier is not set.")
    fallbacks: tuple[Text, ...] = Field((), description="Models to try next, in order.")
    prices: Prices | None = Field(None, description="Prices of a model that litellm cannot price.")
    api_base: Url | None = Field(None, description="Server of this tier; null: `llm.api_base`.")
    api_key: Secret | None = Field(None, description="Key of this tier; null: `llm.api_key`.")


class Tiers(Section):
    """Which model does what."""

    fast: TierModel = Field(default_factory=TierModel, description="Cheap and quick.")
    balanced: TierModel = Field(default_factory=TierModel, description="The everyday one.")
    deep: TierModel = Field(default_factory=TierModel, description="For hard questions.")


class Transcription(Section):
    """The model that turns voice messages into words."""

    model: Text | None = Field(
        None, description="Its name, such as `openai/whisper-1`; null: voice is not read."
    )
    api_base: Url | None = Field(None, description="Its server; null: `llm.api_base`.")
    api_key: Secret | None = Field(None, description="Key for it; null: `llm.api_key`.")
    price_per_minute: Amount | None = Field(
        None, description="Its price for a minute of sound, where litellm cannot tell it."
    )
    language: Language | None = Field(
        None, description="The language spoken, such as `de`; null: the model finds out."
    )


class Llm(Section):
    """Where models are reached."""

    api_base: Url | None = Field(None, description="Any OpenAI-compatible server.")
    api_key: Secret | None = Field(None, description="Key for it.")
    tiers: Tiers = Field(default_factory=Tiers, description="Model names as litellm writes them.")
    transcription: Transcription = Field(
        default_factory=Transcription, description="Voice messages as words."
    )
    timeout_s: Seconds = Field(60.0, description="Longest wait for one answer, in seconds.")


class Storage(Section):
    """Where data lives; null is embedded, under `data_dir`."""

    database_url: DatabaseUrl | None = Field(
        None, description="`postgresql://…` for many workers; null: SQLite."
    )
    redis_url: RedisUrl | None = Field(None, description="`redis://…`; null: in this process.")
    chroma_url: ChromaUrl | None = Field(None, description="`http://…`; null: in this process.")
    anchor: Folder | None = Field(
        None,
        description=(
            "File that holds the log's signed head, not in `data_dir`; null: `data_dir` with "
            "`.anchor` behind its name, beside it."
        ),
    )


class Budget(Section):
    """Caps in US dollars; nothing is spent past one without the owner."""

    operation_usd: Amount = Field(Decimal("0.50"), description="Most for one operation.")
    goal_usd: Amount = Field(Decimal(2), description="Most for one goal.")
    day_usd: Amount = Field(Decimal(5), description="Most for one day, in the owner's zone.")
    month_usd: Amount = Field(Decimal(60), description="Most for one month.")


class Telemetry(Section):
    """Where measurements go."""

    otlp_endpoint: Url | None = Field(None, description="OpenTelemetry collector; null: none.")
    prometheus_port: Port | None = Field(None, description="Port for Prometheus; null: none.")
