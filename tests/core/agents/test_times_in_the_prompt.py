"""What the planner is told of times."""

import re
from datetime import datetime

from core.agents.prompts import PLANNER_RULES


def test_a_model_is_asked_for_iso_times_in_the_owners_zone() -> None:
    """The rules name the form, an example of it, the line that tells now, and where a rule goes."""
    told = " ".join(PLANNER_RULES.split())
    form = 'ISO 8601 in the owner\'s zone with its offset, worked out from the line "Now"'
    (example,) = re.findall(rf"{re.escape(form)}: (\S+)\. ", told)
    assert datetime.fromisoformat(example).utcoffset() is not None
    assert "What comes again is an RRULE in `repeat`, its first time in `at`." in told


def test_a_model_chooses_none_of_two_readings() -> None:
    """It gives the owner's words, so that he is asked; nothing else lets words in."""
    told = " ".join(PLANNER_RULES.split())
    assert "can mean two times" in told
    assert "give the words themselves, whole, and he is asked which; never choose." in told
    assert told.count("words themselves") == 1


def test_a_model_is_told_what_it_does_with_talk_and_doubt() -> None:
    """What is no request is answered in words, and how sure a plan is counts only if it is true."""
    assert "small talk and questions you can answer from the context" in PLANNER_RULES
    assert "State your confidence honestly: 0 to 1." in PLANNER_RULES
