"""From which confidence an operation runs by itself, is asked about, or waits in the inbox.

The table is the owner's: every number comes from the configuration, these are the defaults.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from core.domain.base import Frozen
from core.domain.cards import Impact, Route


class Thresholds(Frozen):
    """Confidences from 0 to 1; `auto` None means that only a grant makes it run by itself.

    `prior` is what an agent is believed before the owner has decided often enough. Below `review`
    a card waits in the inbox.
    """

    prior: float
    auto: float | None
    review: float

    def route(self, confidence: float) -> Route:
        """Return the route that `confidence` earns, grants and taint aside."""
        if self.auto is not None and confidence >= self.auto:
            return "auto"
        return "review" if confidence >= self.review else "inbox"

    def __str__(self) -> str:
        if self.auto == 0:
            return "always auto"
        auto = "auto only with a grant" if self.auto is None else f"auto from {self.auto:g}"
        return f"{auto}, review from {self.review:g}, below that inbox"


DEFAULT_THRESHOLDS: Mapping[Impact, Thresholds] = {
    "none": Thresholds(prior=1, auto=0, review=0),
    "low": Thresholds(prior=0.8, auto=0.6, review=0.3),
    "medium": Thresholds(prior=0.6, auto=0.75, review=0.5),
    "high": Thresholds(prior=0, auto=None, review=0.5),
}
"""The table of the design. For medium impact, twelve straight accepts earn auto."""

DEFAULT_MIN_DECISIONS = 5


class ActionOverride(Frozen):
    """What the owner set for some actions; None leaves a value as the impact has it.

    `route` fixes the route whatever the confidence (it never outranks taint), `impact` takes the
    place of what the action declares, `auto` may be `grant`: only with a grant.
    """

    route: Route | None = None
    impact: Impact | None = None
    prior: float | None = None
    auto: float | Literal["grant"] | None = None
    review: float | None = None

    def over(self, base: Thresholds) -> Thresholds:
        """Return `base` with the values that are set here."""
        auto = base.auto if self.auto is None else self.auto
        return Thresholds(
            prior=base.prior if self.prior is None else self.prior,
            auto=None if auto == "grant" else auto,
            review=base.review if self.review is None else self.review,
        )


class Rule(NamedTuple):
    """What applies to one action. The impact that counts is `override.impact`, if set."""

    thresholds: Thresholds
    override: ActionOverride | None
    text: str


class GatePolicy(Frozen):
    """The whole table: thresholds by impact, and overrides by action name or glob."""

    min_decisions: int = DEFAULT_MIN_DECISIONS
    impact: dict[Impact, Thresholds] = dict(DEFAULT_THRESHOLDS)
    actions: dict[str, ActionOverride] = {}

    def for_action(self, name: str, impact: Impact) -> Rule:
        """Return what applies to the action `name` that declares `impact`, and say it in words.

        Of the patterns that match, the most specific one counts, alone: the plain name first, then
        the one with the most literal characters, then the one with the fewest wildcards.
        """
        pattern = min((p for p in self.actions if fnmatchcase(name, p)), key=_breadth, default=None)
        if pattern is None:
            thresholds = self._of(impact)
            return Rule(thresholds, None, f"impact {impact}: {thresholds}")
        override = self.actions[pattern]
        thresholds = override.over(self._of(override.impact or impact))
        return Rule(thresholds, override, _in_words(pattern, override, impact, thresholds))

    def _of(self, impact: Impact) -> Thresholds:
        return self.impact.get(impact, DEFAULT_THRESHOLDS[impact])


def _breadth(pattern: str) -> tuple[int, int, str]:
    """Order patterns from narrow to wide; the text itself settles a tie."""
    wild = sum(pattern.count(sign) for sign in "*?")
    return (-(len(pattern) - wild) if wild else -len(pattern) - 1, wild, pattern)


def _in_words(pattern: str, override: ActionOverride, impact: Impact, used: Thresholds) -> str:
    if override.route is not None:
        return f"{pattern} set by you: always {override.route}"
    if override.impact is not None:
        return f"{pattern} set by you to impact {override.impact}: {used}"
    return f"{pattern} set by you (impact {impact}): {used}"
