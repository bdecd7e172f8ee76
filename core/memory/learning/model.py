"""What a sentence states: about what, and which value."""

from dataclasses import dataclass

OWNER = "owner"
IS = "is"
LIVE_IN = "live in"


@dataclass(frozen=True, slots=True)
class About:
    """What a fact is about; `functional`: only one value holds at a time.

    Facts with the same subject and relation are about the same. `functional` belongs to the
    sentence, not to the key: "the plan is now B" replaces, "the plan is good" does not.
    """

    subject: str
    relation: str
    functional: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence taken apart; `changes`: it says itself that this is new ("now", "moved to")."""

    about: About
    value: str
    type: str = "other"
    changes: bool = False
    negated: bool = False
    rest: str = ""
    """What the sentence says beside that: "and Figma for design", "because it is cheap"."""
