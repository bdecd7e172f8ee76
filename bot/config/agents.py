"""Agents beside the built-in ones, and how often a plan is made again."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.section import Section
from bot.config.values import Amount, Folder, Replans, Seconds, Text, not_allowed

BUILT_IN = frozenset({"planner", "executor", "assistant", "researcher", "reviewer"})


def _name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,31}", name) or name in BUILT_IN:
        raise not_allowed(
            "a name of 2 to 32 small letters, digits and _, and not that of a built-in agent"
        )
    return name


class Agent(Section):
    """An agent of your own: it makes one call, with your prompt, between your two schemas."""

    role: Text = Field(description="What it is for, in a line; the planner reads it.")
    prompt: Folder = Field(description="File with its prompt.")
    input: Folder = Field(description="File with the JSON schema of its input.")
    output: Folder = Field(description="File with the JSON schema of its output.")
    tier: Literal["fast", "balanced", "deep"] = Field(
        "balanced", description="`fast`, `balanced` or `deep`."
    )
    max_usd: Amount = Field("0.25", validate_default=True, description="Most for one task.")
    latency_s: Seconds = Field(
        20.0, description="Seconds a task should take; twice as long ends it."
    )


class Agents(Section):
    """The agents."""

    replans: Replans = Field(
        1, description="How often a plan is made again when a task fails: 0 to 10."
    )
    more: dict[Annotated[str, AfterValidator(_name)], Agent] = Field(
        {}, description="Agents of your own, by name."
    )
