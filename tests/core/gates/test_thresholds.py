import pytest

from core.domain.cards import Impact
from core.gates.thresholds import DEFAULT_THRESHOLDS, ActionOverride, GatePolicy, Thresholds


@pytest.mark.parametrize(
    ("impact", "confidence", "route"),
    [
        ("none", 0.0, "auto"),
        ("low", 0.6, "auto"),
        ("low", 0.59, "review"),
        ("low", 0.29, "inbox"),
        ("medium", 0.75, "auto"),
        ("medium", 0.5, "review"),
        ("medium", 0.49, "inbox"),
        ("high", 1.0, "review"),
        ("high", 0.49, "inbox"),
    ],
)
def test_default_routes(impact: Impact, confidence: float, route: str) -> None:
    """The default table gives the routes of the design at and around each threshold."""
    assert DEFAULT_THRESHOLDS[impact].route(confidence) == route


def test_without_override() -> None:
    """An action without an override has the thresholds of its impact, and the text says so."""
    thresholds, override, text = GatePolicy().for_action("note.append", "low")
    assert thresholds == DEFAULT_THRESHOLDS["low"]
    assert override is None
    assert text == "impact low: auto from 0.6, review from 0.3, below that inbox"


def test_impact_missing_from_the_table() -> None:
    """A table that names only some impacts keeps the defaults of the others."""
    strict = Thresholds(prior=0, auto=None, review=0)
    policy = GatePolicy(impact={"low": strict})
    assert policy.for_action("note.append", "low").thresholds == strict
    assert policy.for_action("mail.send", "high").thresholds == DEFAULT_THRESHOLDS["high"]


def test_most_specific_pattern_wins_alone() -> None:
    """The plain name outranks patterns, and a longer pattern outranks a shorter one."""
    policy = GatePolicy(
        actions={
            "*": ActionOverride(route="deny"),
            "mcp.*": ActionOverride(route="inbox"),
            "mcp.github.*": ActionOverride(route="review"),
            "mcp.github.create_issue": ActionOverride(auto=0.9),
            "mcp.github.????????????": ActionOverride(route="deny"),
        }
    )

    def route(name: str) -> str | None:
        override = policy.for_action(name, "medium").override
        return override.route if override else None

    assert route("note.append") == "deny"
    assert route("mcp.slack.post") == "inbox"
    assert route("mcp.github.get") == "review"
    assert route("mcp.github.create_issue") is None
    assert policy.for_action("mcp.github.create_issue", "medium").thresholds.auto == 0.9


def test_order_does_not_matter() -> None:
    """The same overrides in another order decide the same."""
    actions = {
        "mail.*": ActionOverride(route="inbox"),
        "*.send": ActionOverride(route="review"),
        "mail.send*": ActionOverride(route="deny"),
    }
    backwards = dict(reversed(actions.items()))
    for name in ("mail.send", "mail.draft", "sms.send"):
        one = GatePolicy(actions=actions).for_action(name, "high")
        assert one == GatePolicy(actions=backwards).for_action(name, "high")


def test_override_of_impact() -> None:
    """An override of the impact takes that impact's thresholds and its own values over them."""
    policy = GatePolicy(actions={"x.*": ActionOverride(impact="low", review=0.1)})
    thresholds, override, text = policy.for_action("x.y", "high")
    assert thresholds == Thresholds(prior=0.8, auto=0.6, review=0.1)
    assert override is not None
    assert override.impact == "low"
    assert text.startswith("x.* set by you to impact low: auto from 0.6")


def test_auto_only_with_a_grant() -> None:
    """An override to `grant` takes auto away, which is not the same as leaving it."""
    policy = GatePolicy(
        actions={"a": ActionOverride(auto="grant"), "b": ActionOverride(review=0.2)}
    )
    assert policy.for_action("a", "low").thresholds.auto is None
    assert policy.for_action("b", "low").thresholds.auto == 0.6
    assert "only with a grant" in policy.for_action("a", "low").text


def test_text_of_a_fixed_route() -> None:
    """A fixed route is said in plain words with the pattern it came from."""
    policy = GatePolicy(actions={"mail.*": ActionOverride(route="deny")})
    assert policy.for_action("mail.send", "high").text == "mail.* set by you: always deny"


def test_reads_are_always_auto_in_words() -> None:
    """The text of reads does not speak of thresholds nobody can miss."""
    assert GatePolicy().for_action("web.fetch", "none").text == "impact none: always auto"
