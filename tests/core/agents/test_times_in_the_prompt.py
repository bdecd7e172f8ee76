"""What the planner is told of times."""

from core.agents.prompts import PLANNER_RULES


def test_a_model_is_asked_for_iso_times_in_the_owners_zone() -> None:
    """The rules name the form and the line that tells now; two readings are never chosen from."""
    assert "ISO 8601 in the owner's zone (Now)" in PLANNER_RULES
    assert "unclear: his words" in PLANNER_RULES
    assert "or the owner's words" not in PLANNER_RULES
