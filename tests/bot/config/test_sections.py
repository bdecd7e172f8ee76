import zoneinfo
from datetime import time, tzinfo
from typing import NoReturn

import pytest
import tzlocal
from pydantic import ValidationError

from bot.config import ConfigError
from bot.config.channels import Profile
from bot.config.gates import Gates
from core.agents.review_rules import ReviewRules
from core.gates.thresholds import DEFAULT_THRESHOLDS, ActionOverride, GatePolicy, Thresholds
from core.memory.profile.hours import Span


def test_default_policy() -> None:
    """Gates that say nothing are the default table."""
    assert Gates().policy() == GatePolicy()


def test_policy_from_settings() -> None:
    """Impacts are changed value by value; actions take thresholds, a route, an impact."""
    gates = Gates.model_validate(
        {
            "min_decisions": 8,
            "impact": {"medium": {"auto_from": 0.9}, "low": {"auto": None}},
            "actions": {
                "mail.*": "deny",
                "a": {"impact": "low", "review_from": 0.2},
                "b": {"auto": "grant"},
                "c": {"prior": 0.1},
            },
        }
    )
    policy = gates.policy()
    assert policy.min_decisions == 8
    assert policy.impact["medium"] == Thresholds(prior=0.6, auto=0.9, review=0.5)
    assert policy.impact["low"] == Thresholds(prior=0.8, auto=None, review=0.3)
    assert policy.impact["high"] == DEFAULT_THRESHOLDS["high"]
    assert policy.actions == {
        "mail.*": ActionOverride(route="deny"),
        "a": ActionOverride(impact="low", review=0.2),
        "b": ActionOverride(auto="grant"),
        "c": ActionOverride(prior=0.1),
    }


def test_rules_of_the_review() -> None:
    """Phrases, length and hosts are read into the rules; what is no host or length is refused."""
    gates = Gates.model_validate(
        {"review": {"banned": ["synergy"], "max_words": 200, "links": ["Acme.example", "*.x.org"]}}
    )
    assert gates.review.rules() == ReviewRules(
        banned=("synergy",), max_words=200, links=("acme.example", "*.x.org")
    )
    for wrong in ({"max_words": 0}, {"links": ["https://x.org"]}, {"banned": [""]}):
        with pytest.raises(ValidationError):
            Gates.model_validate({"review": wrong})


def test_quiet_hours_pass_midnight() -> None:
    """A span over midnight covers both sides of it, and its end is not part of it."""
    night = Span(time(22), time(7))
    assert [night.covers(time(hour)) for hour in (21, 22, 0, 6, 7)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    noon = Span(time(12), time(13))
    assert [noon.covers(time(hour)) for hour in (11, 12, 13)] == [False, True, False]


def test_zone_of_the_owner() -> None:
    """A zone that is written counts."""
    assert str(Profile(timezone="Europe/Berlin").zone()) == "Europe/Berlin"


def test_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the machine's zone counts."""
    there: tzinfo = zoneinfo.ZoneInfo("Asia/Tokyo")
    monkeypatch.setattr(tzlocal, "get_localzone", lambda: there)
    assert Profile().zone() is there


def test_machine_without_a_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that cannot tell its zone asks for the key."""

    def fails() -> NoReturn:
        raise zoneinfo.ZoneInfoNotFoundError

    monkeypatch.setattr(tzlocal, "get_localzone", fails)
    with pytest.raises(ConfigError, match=r"profile\.timezone: the zone of this machine"):
        Profile().zone()
