"""The gate: one operation in, a ruling out. A pure function of what it is handed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.cards import Confidence, Impact, Route, Ruling
from core.domain.sources import Private, Taint, merged
from core.gates.confidence import earned
from core.gates.thresholds import GatePolicy, Thresholds

NAMED = 8
"""Private sources that a reason names; the ruling has all of them."""


@dataclass(frozen=True, slots=True)
class Request:
    """One operation that asks to run.

    `control` and `content` are the taints of its arguments; `private` is what of the owner's own
    would go to others, and `reaches` says to whom.
    """

    action: str
    impact: Impact
    claimed: float
    control: Taint = ()
    content: Taint = ()
    plan: Taint = ()
    private: Private = ()
    reaches: str = ""
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
    told = _outflow(request)
    also = () if told is None or reason == told else (told,)
    return Ruling(
        route=route,
        rule=name,
        reasons=(reason, *also, *standing.notes),
        impact=impact,
        confidence=confidence,
        sources=merged(request.control, request.plan, request.content),
        private=request.private,
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
    reads = impact == "none"
    if request.always_ask:
        return request.always_ask
    if standing.paused and not reads:
        return "paused: nothing with an effect runs on its own until /resume"
    if standing.held:
        return f"review: {standing.held}"
    if outside := _decided_outside(request):
        return outside
    if request.private:
        return _outflow(request)
    if standing.burnt and not reads:
        return f"error budget: {standing.burnt}"
    return None


def _decided_outside(request: Request) -> str | None:
    """Return why outside text has too much of a say in this, None where it has not."""
    if request.plan:
        return f"outside text: the plan was made with {_named(request.plan)} in sight"
    if request.control:
        return f"outside text: {_named(request.control)} would decide where this goes"
    own = request.impact == "low" and request.undoable
    if request.content and not own:
        return f"outside text: {_named(request.content)} would leave in this"
    return None


def _outflow(request: Request) -> str | None:
    """Return the sentence about private data that would go to others, None where none would."""
    if not request.private:
        return None
    named = [f"{source.kind} {source.title or source.ref}" for source in request.private]
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return f"private data: {', '.join(named[:NAMED])}{more} would go to {request.reaches}"


def _named(sources: Taint) -> str:
    return ", ".join(source.told for source in sources)
