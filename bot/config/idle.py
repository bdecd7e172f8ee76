"""Sections that are configured and do nothing: said at the start and by `doctor`."""

from collections.abc import Iterator

from bot.config.channels import Slack, Telegram, Webhook
from bot.config.config import Config
from bot.config.resources import Telemetry


def idle_sections(config: Config, *, offline: bool) -> tuple[str, ...]:
    """Return a sentence for each section that has no effect; `offline`: no model is in use."""
    found = [*_idle(config), *(_idle_model(config) if offline else ())]
    return tuple(f"{name} is configured and does nothing: {why}." for name, why in found)


def _idle(config: Config) -> Iterator[tuple[str, str]]:
    if config.slack != Slack():
        yield "slack", "there is no Slack surface yet"
    if config.digest.model_fields_set:
        yield "digest", "no daily account is sent yet"
    if config.telemetry != Telemetry():
        yield "telemetry", "nothing is measured for others yet"
    if config.actions.mcp.servers:
        names = ", ".join(sorted(config.actions.mcp.servers))
        yield "actions.mcp", f"tools of others are not used yet ({names})"
    telegram = config.telegram
    if telegram.token is None and telegram != Telegram():
        yield "telegram", "it is off without telegram.token"
    elif telegram.mode == "polling" and telegram.webhook != Webhook():
        yield "telegram.webhook", "telegram.mode is polling"


def _idle_model(config: Config) -> Iterator[tuple[str, str]]:
    if config.llm.api_key is not None or config.llm.api_base is not None:
        yield "llm", "no tier has a model; set llm.tiers.balanced.model"
