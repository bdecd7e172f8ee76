"""The owner, and where the owner is met."""

import re
import warnings
from collections.abc import Iterator
from datetime import time, tzinfo
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from bot.config.errors import ConfigError
from bot.config.section import Section
from bot.config.values import (
    ClockTime,
    Host,
    Port,
    Quiet,
    Secret,
    Url,
    UserId,
    not_allowed,
)
from core.memory.profile.hours import Span


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        near = get_close_matches(name.title(), available_timezones(), 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise not_allowed(f"a time zone name such as Europe/Berlin{hint}") from None
    return name


class Profile(Section):
    """Who the owner is; changed later in chat, these are the first values."""

    name: str = Field("", description="The owner's name, as Equerry says it.")
    company: str = Field("", description="The name of the company.")
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, description="Zone name such as `Europe/Berlin`; null: the zone of this machine."
    )
    quiet_hours: Quiet | None = Field(
        Span(time(22), time(7)),
        description="When nothing notifies, in the owner's zone; null: never quiet.",
    )

    def zone(self) -> tzinfo:
        """Return the owner's time zone. Raises ConfigError when the machine cannot tell its own."""
        if self.timezone:
            return ZoneInfo(self.timezone)
        import tzlocal

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # no zone set on the machine: it runs in UTC
                return tzlocal.get_localzone()
        except (LookupError, ValueError, OSError):
            line = "the zone of this machine cannot be told; write one, such as Europe/Berlin"
            raise ConfigError("profile.timezone", [f"{line}."]) from None


_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Webhook(Section):
    """Where Telegram delivers updates in webhook mode."""

    url: Url | None = Field(None, description="Public address that Telegram calls.")
    secret: Secret | None = Field(
        None, description="Token that Telegram sends along: 1 to 256 of A-Z a-z 0-9 _ -."
    )
    host: Host = Field("127.0.0.1", description="Address to listen on.")
    port: Port = Field(8443, description="Port to listen on.")

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse a secret that Telegram would refuse."""
        if self.secret and not _WEBHOOK_SECRET.fullmatch(self.secret.get_secret_value()):
            yield "secret", "*** is not allowed: it must be 1 to 256 of A-Z, a-z, 0-9, _ and -"


class Telegram(Section):
    """The Telegram surface; off without a token."""

    token: Secret | None = Field(None, description="Bot token; null: no Telegram.")
    api_base: Url = Field("https://api.telegram.org", description="Server of the Bot API.")
    mode: Literal["polling", "webhook"] = Field(
        "polling", description="`polling` or `webhook` (needs a public address)."
    )
    owner_ids: tuple[UserId, ...] = Field((), description="User ids that are the owner.")
    webhook: Webhook = Field(default_factory=Webhook, description="Settings of webhook mode.")

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse webhook mode without an address or a secret."""
        if self.mode == "webhook" and self.webhook.url is None:
            yield "webhook.url", "is needed when telegram.mode is webhook"
        if self.mode == "webhook" and self.webhook.secret is None:
            yield "webhook.secret", "is needed when telegram.mode is webhook"


def _slack_user(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{1,64}", value):
        raise not_allowed("a member id such as U012AB3CD (not a name)")
    return value


class SlackHttp(Section):
    """Where Slack delivers events in HTTP mode."""

    host: Host = Field("127.0.0.1", description="Address to listen on.")
    port: Port = Field(3000, description="Port to listen on.")


class Slack(Section):
    """The Slack surface; off without a bot token."""

    bot_token: Secret | None = Field(None, description="Bot token (`xoxb-…`); null: no Slack.")
    app_token: Secret | None = Field(None, description="App token (`xapp-…`) for socket mode.")
    signing_secret: Secret | None = Field(None, description="Signing secret for HTTP mode.")
    api_base: Url = Field("https://slack.com/api/", description="Server of the Web API.")
    mode: Literal["socket", "http"] = Field(
        "socket", description="`socket` (no public address needed) or `http`."
    )
    owner_ids: tuple[Annotated[str, AfterValidator(_slack_user)], ...] = Field(
        (), description="Member ids that are the owner."
    )
    http: SlackHttp = Field(default_factory=SlackHttp, description="Settings of HTTP mode.")

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse a mode without the secret that it needs."""
        if self.bot_token and self.mode == "socket" and self.app_token is None:
            yield "app_token", "is needed when slack.mode is socket"
        if self.bot_token and self.mode == "http" and self.signing_secret is None:
            yield "signing_secret", "is needed when slack.mode is http"


class Digest(Section):
    """The daily account."""

    at: ClockTime = Field(time(7, 30), description="When it comes, in the owner's zone.")
    chart: bool = Field(default=True, description="Whether a chart of the spend is added.")
