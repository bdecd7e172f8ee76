"""The gate: one operation in, a ruling out. A pure function of what it is handed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.cards import Confidence, Impact, Route, Ruling
from core.domain.sources import Taint, merged
from core.gates.confidence import earned
from core.gates.thresholds import GatePolicy, Thresholds


@dataclass(frozen=True, slots=True)
class Request:
    """One operation that asks to run. `control` and `content` are the taints of its arguments."""

    action: str
    impact: Impact
    claimed: float
    control: Taint = ()
    content: Taint = ()
    plan: Taint = ()
    undoable: bool = False
    always_ask: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about the asker: record, a fitting grant, a burnt budget, the brake.

    `held` is what a review has against it: no grant and no record outranks that.
    """

    record: dict[str, Any] | None = None
    grant: str | None = None
    burnt: str | None = None
    paused: bool = False
    held: str | None = None
    notes: Sequence[str] = field(default_factory=tuple)


def rule(request: Request, standing: Standing, policy: GatePolicy) -> Ruling:
    """Return the route of an operation, the rule that decided and the reasons in plain words."""
    thresholds, override, name = policy.for_action(request.action, request.impact)
    impact = (override.impact if override else None) or request.impact
    least = policy.min_decisions
    confidence = earned(standing.record, request.claimed, thresholds.prior, least)
    route, reason = _by_confidence(confidence, thresholds)
    if override and override.route:
        route, reason = override.route, f"the policy says {override.route} for this action"
    if standing.grant and route != "deny":
        route, reason, name = (
            "auto",
            f"you granted it ({standing.grant})",
            f"grant {standing.grant}",
        )
    if route == "auto" and (limit := _why_not_auto(request, standing, impact)):
        route, reason, name = "review", limit, limit.partition(":")[0]
    return Ruling(
        route=route,
        rule=name,
        reasons=(reason, *standing.notes),
        impact=impact,
        confidence=confidence,
        sources=merged(request.control, request.plan, request.content),
    )


def _by_confidence(confidence: Confidence, thresholds: Thresholds) -> tuple[Route, str]:
    auto, used = thresholds.auto, confidence.used
    route = thresholds.route(used)
    if route == "auto":
        return route, f"confidence {used:.2f} reaches {auto:.2f} (auto)"
    if route == "review":
        why = "is always asked" if auto is None else f"is below {auto:.2f} (auto)"
        return route, f"confidence {used:.2f} {why}"
    return route, f"confidence {used:.2f} is below {thresholds.review:.2f} (review)"


def _why_not_auto(request: Request, standing: Standing, impact: Impact) -> str | None:
    if request.always_ask:
        return request.always_ask
    reads = impact == "none"
    if standing.paused and not reads:
        return "paused: nothing with an effect runs on its own until /resume"
    if standing.held:
        return f"review: {standing.held}"
    if request.plan:
        return f"outside text: the plan was made with {_named(request.plan)} in sight"
    if request.control:
        return f"outside text: {_named(request.control)} would decide where this goes"
    own = request.impact == "low" and request.undoable
    if request.content and not own:
        return f"outside text: {_named(request.content)} would leave in this"
    if standing.burnt and not reads:
        return f"error budget: {standing.burnt}"
    return None


def _named(sources: Taint) -> str:
    return ", ".join(source.told for source in sources)
