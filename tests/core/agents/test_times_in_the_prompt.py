"""What the planner is told of times, of talk and of doubt."""

from core.agents.prompts import PLANNER_RULES

TOLD = " ".join(PLANNER_RULES.split())


def test_a_model_is_asked_for_iso_times_in_the_owners_zone() -> None:
    """The rules name the form, the line that tells now, and where a repetition goes."""
    assert 'Times: ISO 8601 in the owner\'s zone, from "Now";' in TOLD
    assert "repetition: RRULE in `repeat`, first time in `at`." in TOLD


def test_a_model_chooses_none_of_two_readings() -> None:
    """It passes the owner's words on, so that he is asked; nothing else lets words in."""
    assert "can mean two times" in TOLD
    assert "pass them on whole, never choose." in TOLD
    assert TOLD.count("pass them on") == 1


def test_a_model_is_told_what_it_does_with_talk_and_doubt() -> None:
    """What is no request is answered in words, and how sure a plan is counts only if it is true."""
    assert "small talk and questions you can answer from the context" in PLANNER_RULES
    assert "State your confidence honestly." in PLANNER_RULES
