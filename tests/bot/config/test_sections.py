import zoneinfo
from datetime import time, tzinfo
from pathlib import Path
from typing import NoReturn

import pytest
import tzlocal
import yaml
from pydantic import ValidationError

from bot.config import ConfigError, load_config
from bot.config.channels import Profile
from bot.config.gates import Gates
from bot.config.resources import Budget
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


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"modell": "x"}, "did you mean 'model'"),
        ({"model": 5}, "it must be text"),
        ({"model": " "}, "text on one line"),
        ({"api_base": "ftp://x"}, "https://"),
        ({"api_key": 5}, "env:NAME"),
        ({"price_per_minute": -1}, "an amount of US dollars"),
        ({"language": "German"}, "a language code such as en or pt-BR"),
    ],
)
def test_settings_of_transcription_are_checked(
    tmp_path: Path, wrong: dict[str, object], said: str
) -> None:
    """Unknown keys and values of another kind are named, with what is allowed."""
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump({"llm": {"transcription": wrong}}), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"llm\.transcription\.") as caught:
        load_config(file, {})
    assert said in str(caught.value)


@pytest.mark.parametrize("amount", ["1e999999999", "1e-999999999", "1e13", "9" * 4000])
def test_an_amount_that_nobody_could_write_out_is_refused(amount: str) -> None:
    """Events have amounts written out: one of a billion digits would fill the memory."""
    with pytest.raises(ValidationError, match=r"0, or from 0\.000000000001 to 1,000,000,000,000"):
        Budget.model_validate({"day_usd": amount})
    assert str(Budget.model_validate({"day_usd": "0e-999999999"}).day_usd) == "0"
