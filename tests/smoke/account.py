"""What a case came to, for the table in docs/local-model.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.domain.events import Event, decode
from core.domain.events.goals import PlanProposed

HEAD = (
    "| said | plan valid | right action | calls | tokens in / out | seconds | outcome |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what was said, the actions planned against the one wanted, and the log of it."""

    said: str
    wanted: str | None
    events: Sequence[Event]
    seconds: float
    outcome: str

    @property
    def calls(self) -> list[Event]:
        """The calls of the model."""
        return [event for event in self.events if event.type == "model.called.v1"]

    @property
    def actions(self) -> list[str]:
        """The actions of the plans that were accepted as valid."""
        proposed = [p for p in map(decode, self.events) if isinstance(p, PlanProposed)]
        tasks = [task for payload in proposed for task in payload.plan.value["tasks"]]
        return [str(task["input"].get("action", task["agent"])) for task in tasks]

    def __str__(self) -> str:
        tokens = [sum(c.payload[f"tokens_{side}"] for c in self.calls) for side in ("in", "out")]
        valid = "none needed" if self.wanted is None and not self.actions else _yes(self.actions)
        right = _yes(self.actions == [self.wanted] if self.wanted else not self.actions)
        did = f"{right} ({', '.join(self.actions) or 'a reply'})"
        outcome = " ".join(self.outcome.split()).replace("|", "/")[:120]
        return (
            f"| {self.said} | {valid} | {did} | {len(self.calls)} | {tokens[0]:,} / {tokens[1]:,} "
            f"| {self.seconds:.0f} | {outcome} |"
        )


def _yes(value: object) -> str:
    return "yes" if value else "no"


@dataclass(slots=True)
class Account:
    """The rows of a run."""

    rows: list[Row] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join([HEAD, *map(str, self.rows)])
