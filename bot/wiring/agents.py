"""Which agents there are: the built-in ones, those of the configuration, those of packages."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from bot.config import Config
from bot.config.agents import BUILT_IN, Agent
from bot.config.errors import ConfigError
from core.agents.contract import Contract
from core.agents.outcome import Runner
from core.agents.registry import BUILT_IN as CONTRACTS
from core.agents.registry import PLANNER, AgentRegistry
from core.agents.reviewer import REVIEWER, Reviewer
from core.agents.schema_model import model_from_schema
from core.domain.base import Frozen
from core.domain.errors import BadInputError, RefusedError
from core.memory.profile.live import LiveProfile

GROUP = "equerry.agents"
"""Entry points of this group name a Contract, or an AgentPlugin where the agent has a runner."""


@dataclass(frozen=True, slots=True)
class AgentPlugin:
    """An agent of a package: its contract, and how it works (None: one call)."""

    contract: Contract
    runner: Runner | None = None


def build_agents(config: Config, profile: LiveProfile | None = None) -> AgentRegistry:
    """Return every agent; the reviewer holds text to the brand rules of `profile` as well.

    Raises ConfigError for a file that cannot be used, RefusedError for a package that cannot.
    """
    planner = PLANNER.model_copy(update={"replans": config.agents.replans})
    mine = [_own(name, agent) for name, agent in config.agents.more.items()]
    others = _checked(_plugin(point) for point in entry_points(group=GROUP))
    runners = {one.contract.name: one.runner for one in others if one.runner is not None}
    live = profile or LiveProfile()
    reviewer = Reviewer(config.gates.review.rules(), lambda: live.brand_rules)
    return AgentRegistry(
        [*CONTRACTS, planner, *mine, *(one.contract for one in others)],
        {REVIEWER.name: reviewer, **runners},
    )


def _own(name: str, agent: Agent) -> Contract:
    where = f"agents.more.{name}"
    return Contract(
        name=name,
        role=agent.role,
        capabilities=("one call with a prompt of yours",),
        input=_schema(f"{where}.input", agent.input, f"{name}.input"),
        output=_schema(f"{where}.output", agent.output, f"{name}.output"),
        tier=agent.tier,
        failure_modes=("answer does not validate", "model unreachable", "budget spent"),
        latency=timedelta(seconds=agent.latency_s),
        max_usd=agent.max_usd,
        prompt=_read(f"{where}.prompt", agent.prompt),
        callers=frozenset({"plan"}),
    )


def _read(key: str, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        line = f"the file {str(path)!r} cannot be read: {reason}."
        raise ConfigError(key, [line]) from error
    if not text:
        raise ConfigError(key, [f"the file {str(path)!r} is empty."])
    return text


def _schema(key: str, path: Path, name: str) -> type[Frozen]:
    try:
        return model_from_schema(name, json.loads(_read(key, path)))
    except (ValueError, AttributeError) as error:
        raise ConfigError(key, [f"the file {str(path)!r} is no JSON object: {error}."]) from error
    except BadInputError as error:
        raise ConfigError(key, [str(error)]) from error


def _plugin(point: EntryPoint) -> AgentPlugin:
    try:
        found = point.load()
    except Exception as error:
        message = f"The agent {point.name!r} of {point.value} cannot be loaded: {error}."
        raise RefusedError(message) from error
    if isinstance(found, Contract):
        return AgentPlugin(found)
    if isinstance(found, AgentPlugin):
        return found
    message = f"The agent {point.name!r} of {point.value} is neither a Contract nor an AgentPlugin."
    raise RefusedError(message)


def _checked(found: Iterable[AgentPlugin]) -> list[AgentPlugin]:
    plugins = list(found)
    for plugin in plugins:
        if plugin.contract.name in BUILT_IN:
            message = f"A package may not replace the agent {plugin.contract.name!r}."
            raise RefusedError(message)
    return plugins
