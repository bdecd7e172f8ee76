import json
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from adapters.inmemory.model import ScriptedModel, called
from bot.app import Overrides, build_app
from bot.config import ConfigError
from bot.reports.lists import agents
from bot.wiring import agents as wiring
from bot.wiring.agents import AgentPlugin, build_agents
from core.agents.outcome import Bench, Outcome
from core.agents.registry import ASSISTANT
from core.agents.schemas import Reply
from core.domain.errors import RefusedError
from tests.scenarios.places import Place
from tests.scenarios.plans import plan
from tests.scenarios.sitting import Sitting

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
PLUGIN = ASSISTANT.model_copy(update={"name": "echo", "role": "Says it again."})


async def echo(bench: Bench) -> Outcome:
    """Say the instruction again."""
    return Outcome(Reply(text=bench.given.model_dump()["instruction"]), bench.taint)


def files(place: Place, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any file's text
    """Write the files of an agent beside the configuration; return its section."""
    texts = {"prompt": "Translate into French.", "input": SCHEMA, "output": SCHEMA, **changes}
    section: dict[str, Any] = {"role": "Translates a text.", "tier": "fast", "max_usd": 0.05}
    for name, text in texts.items():
        path = place.file.parent / f"{name}.txt"
        if text is not None:
            path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        section[name] = path.name
    return section


def packages(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, str]) -> None:
    """Let entry points of the group be found."""
    points = [EntryPoint(name, value, wiring.GROUP) for name, value in found]
    monkeypatch.setattr(wiring, "entry_points", lambda group: points if group else [])


async def test_an_agent_from_the_configuration_works(place: Place) -> None:
    """A prompt and two schemas make an agent that plans may use and /agents shows."""
    place.configure(agents={"more": {"translator": files(place)}})
    task = {
        "id": "t",
        "agent": "translator",
        "input": {"text": "hello"},
        "confidence": 1,
        "why": "",
    }
    model = ScriptedModel([plan(task), called("submit_result", {"text": "bonjour"})])
    async with build_app(place.config(), Overrides(model=model)) as app:
        assert await Sitting(app).say("hello in French") == "bonjour"
        report = await agents(app)
    assert "translator (fast, up to $0.05, about 20 s)\n  Translates a text." in report.text
    assert [one["name"] for one in report.data] == [
        "planner",
        "executor",
        "assistant",
        "researcher",
        "reviewer",
        "translator",
    ]
    assert "- translator(text): Translates a text." in model.requests[0].messages[0].content
    asked = model.requests[1]
    assert (asked.agent, asked.tier) == ("translator", "fast")
    assert asked.messages[0].content == "Translate into French."
    assert json.loads(asked.messages[1].content) == {"text": "hello"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"prompt": None}, r"agents\.more\.translator\.prompt: .*cannot be read: No such file"),
        ({"prompt": "  "}, r"translator\.prompt: .*is empty"),
        ({"input": "{broken"}, r"translator\.input: .*is no JSON object"),
        ({"output": "[]"}, r"translator\.output: .*is no JSON object"),
        ({"output": {"type": "string"}}, r"schema translator\.output must be of type object"),
    ],
)
def test_files_that_cannot_be_used(place: Place, changes: dict[str, Any], told: str) -> None:
    """A file that is missing, empty or no schema is named with its key."""
    place.configure(agents={"more": {"translator": files(place, **changes)}})
    with pytest.raises(ConfigError, match=told):
        build_agents(place.config())


@pytest.mark.parametrize("name", ["planner", "reviewer", "Shouting", "a", "x-y"])
def test_names_of_agents(place: Place, name: str) -> None:
    """A built-in agent cannot be replaced, and a name must be one."""
    place.configure(agents={"more": {name: files(place)}})
    with pytest.raises(ConfigError, match="small letters, digits and _, and not that of a built"):
        place.config()


def test_replans_come_from_the_configuration(place: Place) -> None:
    """The planner's contract says how often a plan is made again."""
    assert build_agents(place.config()).get("planner").replans == 1
    place.configure(agents={"replans": 3})
    assert build_agents(place.config()).get("planner").replans == 3
    place.configure(agents={"replans": 11})
    with pytest.raises(ConfigError, match=r"agents\.replans: 11 .* whole number from 0 to 10"):
        place.config()


ECHO = AgentPlugin(PLUGIN, echo)
PLANNER = ASSISTANT.model_copy(update={"name": "planner"})


async def test_an_agent_of_a_package(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point may name a contract, or a contract with a runner."""
    packages(monkeypatch, ("echo", f"{__name__}:ECHO"), ("twin", f"{__name__}:PLUGIN"))
    found = build_agents(place.config())
    assert found.get("echo").role == "Says it again."
    assert found.runner("echo") is echo


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (f"{__name__}:PLANNER", "A package may not replace the agent 'planner'"),
        (f"{__name__}:SCHEMA", "is neither a Contract nor an AgentPlugin"),
        (f"{__name__}:missing", "cannot be loaded"),
        ("no.such.module:x", "cannot be loaded"),
    ],
)
def test_packages_that_cannot_be_used(
    place: Place, monkeypatch: pytest.MonkeyPatch, value: str, told: str
) -> None:
    """What is no agent, or would replace a built-in one, is refused with its name."""
    packages(monkeypatch, ("mine", value))
    with pytest.raises(RefusedError, match=told):
        build_agents(place.config())
