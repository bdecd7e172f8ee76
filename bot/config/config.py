"""The whole configuration: one model, one place for every default."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from bot.config.actions import Actions
from bot.config.agents import Agents
from bot.config.channels import Digest, Profile, Slack, Telegram
from bot.config.gates import Gates
from bot.config.memory import Memory
from bot.config.resources import Budget, Llm, Storage, Telemetry
from bot.config.section import Section
from bot.config.values import Folder


class Config(Section):
    """What `config.yaml` may say; made by `load_config`, so that paths and secrets are resolved."""

    data_dir: Folder = Field(
        Path("./data"), validate_default=True, description="Folder of everything Equerry keeps."
    )
    profile: Profile = Field(default_factory=Profile, description="Who the owner is.")
    telegram: Telegram = Field(default_factory=Telegram, description="Telegram.")
    slack: Slack = Field(default_factory=Slack, description="Slack.")
    llm: Llm = Field(default_factory=Llm, description="Models.")
    storage: Storage = Field(default_factory=Storage, description="Where data lives.")
    budget: Budget = Field(default_factory=Budget, description="Caps in US dollars.")
    gates: Gates = Field(
        default_factory=Gates, description="What runs by itself, and what is asked."
    )
    agents: Agents = Field(default_factory=Agents, description="Who does the work.")
    memory: Memory = Field(default_factory=Memory, description="What is remembered.")
    digest: Digest = Field(default_factory=Digest, description="The daily account.")
    actions: Actions = Field(default_factory=Actions, description="Settings of actions.")
    telemetry: Telemetry = Field(default_factory=Telemetry, description="Where measurements go.")

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse an anchor that whoever can write data_dir could write too."""
        anchor = self.storage.anchor
        if anchor is not None and anchor.is_relative_to(self.data_dir):
            said = (
                f"'{anchor}' lies in data_dir ('{self.data_dir}'), where whoever changes the log "
                "can change it too; name a file elsewhere, or null"
            )
            yield "storage.anchor", said
