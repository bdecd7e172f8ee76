"""How much runs by itself: thresholds by impact and by action."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.config.section import Section
from bot.config.values import Count, LinkHost, Share, Text, Words, not_allowed
from core.agents.review_rules import ReviewRules
from core.domain.cards import Impact, Route
from core.gates.thresholds import (
    DEFAULT_MIN_DECISIONS,
    DEFAULT_THRESHOLDS,
    ActionOverride,
    GatePolicy,
)

GRANT: Literal["grant"] = "grant"


def _share_or_grant(value: object) -> object:
    return None if value == GRANT else value


def _impact_default(impact: Impact) -> str:
    return f"Thresholds; unset values stay at: {DEFAULT_THRESHOLDS[impact]}."


class ThresholdsSection(Section):
    """Some of the thresholds; what is not written stays as it was."""

    prior: Share | None = Field(
        None, description="Confidence granted before `min_decisions` decisions."
    )
    auto: Annotated[Share | None, BeforeValidator(_share_or_grant)] = Field(
        None,
        description="By itself from here (also `auto_from`); `grant` or null: only with a grant.",
    )
    review: Share | None = Field(
        None, description="A card now from here (also `review_from`); below: the inbox."
    )

    @model_validator(mode="before")
    @classmethod
    def _other_names(cls, data: Any) -> Any:  # noqa: ANN401 - anything may be written
        """Take `auto_from` and `review_from`, the words of the table, as well."""
        if not isinstance(data, dict):
            return data
        renamed = dict(data)
        for name in ("auto", "review"):
            if f"{name}_from" in renamed and name not in renamed:
                renamed[name] = renamed.pop(f"{name}_from")
        return renamed

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse thresholds that cross."""
        if self.auto is not None and self.review is not None and self.review > self.auto:
            yield (
                "review",
                f"{self.review:g} is not allowed: it must be at most auto ({self.auto:g})",
            )

    def override(self) -> ActionOverride:
        """Return what is set here."""
        granted = "auto" in self.model_fields_set and self.auto is None
        return ActionOverride(
            prior=self.prior, auto=GRANT if granted else self.auto, review=self.review
        )


class ActionSection(ThresholdsSection):
    """What holds for some actions; a bare route is short for `{route: …}`."""

    route: Route | None = Field(None, description="Always `auto`, `review`, `inbox` or `deny`.")
    impact: Impact | None = Field(None, description="Take the action as of this impact.")

    @model_validator(mode="before")
    @classmethod
    def _bare_route(cls, data: Any) -> Any:  # noqa: ANN401 - anything may be written
        return {"route": data} if isinstance(data, str) else data

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse a fixed route beside thresholds, which would mean nothing."""
        yield from super().conflicts()
        if self.route and self.model_fields_set & {"prior", "auto", "review"}:
            yield "route", "cannot stand beside prior, auto or review, which it would overrule"

    def override(self) -> ActionOverride:
        """Return what is set here."""
        return super().override().model_copy(update={"route": self.route, "impact": self.impact})


class ImpactSection(Section):
    """Thresholds by impact."""

    none: ThresholdsSection = Field(
        default_factory=ThresholdsSection, description=_impact_default("none")
    )
    low: ThresholdsSection = Field(
        default_factory=ThresholdsSection, description=_impact_default("low")
    )
    medium: ThresholdsSection = Field(
        default_factory=ThresholdsSection, description=_impact_default("medium")
    )
    high: ThresholdsSection = Field(
        default_factory=ThresholdsSection, description=_impact_default("high")
    )


def _pattern(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.*?-]+", name):
        raise not_allowed("the name of an action, or a pattern with * and ?, such as mail.*")
    return name


class Review(Section):
    """What text is held to before it leaves."""

    banned: tuple[Text, ...] = Field((), description="Phrases that may not stand in it.")
    required: tuple[Text, ...] = Field((), description="Phrases that must stand in it.")
    max_words: Words | None = Field(None, description="Most words; null: no limit.")
    links: tuple[LinkHost, ...] = Field(
        (), description="Hosts it may link to, also `*.domain`, beside what stands in its sources."
    )

    def rules(self) -> ReviewRules:
        """Return the rules as the reviewer uses them."""
        return ReviewRules(
            banned=self.banned, required=self.required, max_words=self.max_words, links=self.links
        )


class Gates(Section):
    """The policy table."""

    min_decisions: Count = Field(
        DEFAULT_MIN_DECISIONS, description="Decisions needed before a track record counts."
    )
    impact: ImpactSection = Field(
        default_factory=ImpactSection, description="Thresholds by impact."
    )
    review: Review = Field(
        default_factory=Review, description="Rules for text that goes out to others."
    )
    actions: dict[Annotated[str, AfterValidator(_pattern)], ActionSection] = Field(
        {},
        description="By name or pattern: thresholds, `{route: …}`, `{impact: …}` or a route.",
    )

    def policy(self) -> GatePolicy:
        """Return the table as the gate uses it."""
        impacts = {
            impact: getattr(self.impact, impact).override().over(base)
            for impact, base in DEFAULT_THRESHOLDS.items()
        }
        actions = {name: entry.override() for name, entry in self.actions.items()}
        return GatePolicy(min_decisions=self.min_decisions, impact=impacts, actions=actions)
