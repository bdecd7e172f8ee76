from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.cards import Impact, Route
from core.domain.sources import Source
from core.gates.policy import Request, Standing, rule
from core.gates.thresholds import ActionOverride, GatePolicy

WEB = Source(kind="web", ref="https://evil.example", title="Evil page")
BARE = Source(kind="mail", ref="m1")


def request(impact: Impact = "low", claimed: float = 1.0, **more: Any) -> Request:  # noqa: ANN401
    """Return a request of an action of this impact."""
    return Request(action="x.y", impact=impact, claimed=claimed, **more)


@pytest.mark.parametrize(
    ("impact", "claimed", "route"),
    [
        ("none", 0.0, "auto"),
        ("low", 0.7, "auto"),
        ("low", 0.5, "review"),
        ("low", 0.2, "inbox"),
        ("medium", 1.0, "review"),
        ("medium", 0.4, "inbox"),
        ("high", 1.0, "inbox"),
    ],
)
def test_routes_without_a_record(impact: Impact, claimed: float, route: Route) -> None:
    """A new agent has the prior of the impact, and its claim when that is lower."""
    ruling = rule(request(impact, claimed), Standing(), GatePolicy())
    assert ruling.route == route
    assert ruling.impact == impact
    assert ruling.rule.startswith(f"impact {impact}: ")


@pytest.mark.parametrize(
    ("accepted", "decided", "route"),
    [(12, 12, "auto"), (11, 11, "review"), (12, 13, "review"), (3, 9, "inbox")],
)
def test_medium_impact_is_earned(accepted: int, decided: int, route: Route) -> None:
    """Only the owner's decisions make a medium-impact action run by itself."""
    standing = Standing(record={"accepted": accepted, "decided": decided})
    assert rule(request("medium"), standing, GatePolicy()).route == route


@pytest.mark.parametrize(
    ("more", "standing", "rule_name", "reason"),
    [
        (
            {"plan": (WEB,)},
            {},
            "outside text",
            "the plan was made with web page https://evil.example (“Evil page”) in sight",
        ),
        ({"control": (BARE,)}, {}, "outside text", "m1 would decide where this goes"),
        ({"content": (WEB,)}, {}, "outside text", "(“Evil page”) would leave in this"),
        ({}, {"paused": True}, "paused", "until /resume"),
        ({}, {"burnt": "mail fails"}, "error budget", "mail fails"),
        ({"always_ask": "undo: confirm"}, {}, "undo", "undo: confirm"),
    ],
)
@pytest.mark.parametrize("grant", [None, "PAAAAAA"])
def test_what_takes_auto_away(
    more: dict[str, Any],
    standing: dict[str, Any],
    rule_name: str,
    reason: str,
    grant: str | None,
) -> None:
    """Taint, the brake, a burnt budget and what always asks outrank confidence and grants."""
    ruling = rule(request(**more), Standing(grant=grant, **standing), GatePolicy())
    assert (ruling.route, ruling.rule) == ("review", rule_name)
    assert reason in ruling.reasons[0]


def test_reads_go_on_while_paused() -> None:
    """A read runs also while paused; outside text in its arguments would leave with it: asked."""
    free = request("none")
    paused = Standing(paused=True, burnt="x")
    assert rule(free, paused, GatePolicy()).route == "auto"
    assert rule(replace(free, control=(WEB,)), paused, GatePolicy()).route == "review"
    assert rule(replace(free, content=(WEB,)), paused, GatePolicy()).route == "review"


def test_tainted_content_needs_own_undoable_data() -> None:
    """Outside text goes by itself only where the owner can take it back."""
    own = request("low", content=(WEB,), undoable=True)
    assert rule(own, Standing(), GatePolicy()).route == "auto"
    assert rule(own, Standing(), GatePolicy()).sources == (WEB,)
    assert rule(replace(own, undoable=False), Standing(), GatePolicy()).route == "review"


@pytest.mark.parametrize("impact", ["low", "medium", "high"])
@pytest.mark.parametrize("route", ["auto", "review", "inbox", "deny"])
def test_a_fixed_route_holds(impact: Impact, route: Route) -> None:
    """The owner's route holds for any confidence; a grant opens all but a denial."""
    policy = GatePolicy(actions={"x.*": ActionOverride(route=route)})
    plain = rule(request(impact, 0.0), Standing(), policy)
    assert plain.route == route
    assert plain.reasons == (f"the policy says {route} for this action",)
    granted = rule(request(impact, 0.0), Standing(grant="PAAAAAA"), policy)
    assert granted.route == ("deny" if route == "deny" else "auto")
    if route != "deny":
        assert granted.rule == "grant PAAAAAA"


def test_a_route_of_auto_does_not_outrank_taint() -> None:
    """Even what the owner set to auto is asked when outside text decides."""
    policy = GatePolicy(actions={"x.y": ActionOverride(route="auto")})
    assert rule(request("high", control=(WEB,)), Standing(), policy).route == "review"


def test_a_lowered_impact_is_the_impact() -> None:
    """An impact that the owner set is the one that counts and is shown."""
    policy = GatePolicy(actions={"x.y": ActionOverride(impact="low")})
    ruling = rule(request("high"), Standing(notes=("a note",)), policy)
    assert (ruling.route, ruling.impact) == ("auto", "low")
    assert ruling.reasons[1:] == ("a note",)


@pytest.mark.parametrize(
    ("impact", "claimed", "said"),
    [
        ("low", 0.7, "confidence 0.70 reaches 0.60 (auto)"),
        ("low", 0.4, "confidence 0.40 is below 0.60 (auto)"),
        ("low", 0.1, "confidence 0.10 is below 0.30 (review)"),
    ],
)
def test_reasons_say_the_numbers(impact: Impact, claimed: float, said: str) -> None:
    """A reason names the confidence and the threshold it met or missed."""
    assert rule(request(impact, claimed), Standing(), GatePolicy()).reasons == (said,)


def test_high_impact_is_always_asked_in_words() -> None:
    """Where no confidence makes auto, the reason says so."""
    standing = Standing(record={"accepted": 99, "decided": 99})
    ruling = rule(request("high"), standing, GatePolicy())
    assert ruling.reasons == ("confidence 0.96 is always asked",)


taints = st.sampled_from([(), (WEB,), (BARE, WEB)])
requests = st.builds(
    Request,
    action=st.sampled_from(["x.y", "mail.send"]),
    impact=st.sampled_from(["none", "low", "medium", "high"]),
    claimed=st.floats(0, 1),
    control=taints,
    content=taints,
    plan=taints,
    undoable=st.booleans(),
    always_ask=st.sampled_from([None, "undo: confirm"]),
)
standings = st.builds(
    Standing,
    record=st.none()
    | st.integers(0, 50).map(lambda n: {"accepted": n, "decided": max(n, n + n % 7)}),
    grant=st.sampled_from([None, "PAAAAAA"]),
    paused=st.booleans(),
    notes=st.just(()),
)


@given(asked=requests, standing=standings)
def test_outside_text_never_decides_alone(asked: Request, standing: Standing) -> None:
    """Whatever is claimed, earned or granted: no tainted control, no tainted plan is auto."""
    ruling = rule(asked, standing, GatePolicy())
    if asked.control or asked.plan or asked.always_ask:
        assert ruling.route != "auto"
    if asked.impact == "high" and standing.grant is None:
        assert ruling.route != "auto"
    if standing.paused and asked.impact != "none":
        assert ruling.route != "auto"
    assert set(ruling.sources) >= {*asked.control, *asked.plan}
    assert ruling.reasons
