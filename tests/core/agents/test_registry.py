import pytest

from core.agents.catalog import action_line, agent_line
from core.agents.registry import ASSISTANT, AgentRegistry
from core.agents.shown import BROKE_OFF, Shown
from core.domain.errors import UnknownThingError
from tests.core.support.actions import Low


def test_agents_are_found_by_name() -> None:
    """A plan may use those that say so; a later contract of a name replaces the earlier one."""
    agents = AgentRegistry()
    assert {"executor", "assistant"} <= agents.plannable()
    assert "planner" not in agents.plannable()
    with pytest.raises(UnknownThingError, match="There is no agent 'wizard'; there are: planner"):
        agents.get("wizard")
    other = ASSISTANT.model_copy(update={"role": "Something else."})
    assert AgentRegistry([ASSISTANT, other]).all() == (other,)


def test_the_catalog_in_a_prompt() -> None:
    """Actions and agents are one line each, optional arguments marked."""
    assert action_line(Low()).startswith("- probe.low(to?, text?, tags?, count?): have an effect")
    assert agent_line(ASSISTANT).startswith("- assistant(instruction, ")


def test_what_broke_off_is_said() -> None:
    """Text that was shown before an attempt failed is not taken back: the break is said, once."""
    pieces: list[str] = []
    shown = Shown(pieces.append)
    assert shown.wanted is not None
    shown.again()
    shown.take("half")
    shown.again()
    shown.again()
    assert pieces == ["half", BROKE_OFF]
    silent = Shown(None)
    assert silent.wanted is None
    silent.take("x")
    silent.again()
