"""Long conversations with questions whose evidence is known: the LoCoMo data, read from a file.

The data is CC BY-NC 4.0 (snap-research/locomo): it is measured with and never kept here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

DEPTHS = (5, 10, 25)
SPLITS = {
    "dev": ("conv-26", "conv-30", "conv-41", "conv-42", "conv-43"),
    "test": ("conv-44", "conv-47", "conv-48", "conv-49", "conv-50"),
}
"""Weights are fitted on dev; test is only measured."""
CATEGORIES = {
    "all four": (1, 2, 3, 4),
    "multi-hop": (1,),
    "temporal": (2,),
    "open-domain": (3,),
    "single-hop": (4,),
    "adversarial": (5,),
}
ANSWERED = CATEGORIES["all four"]
Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as memory takes it in; a shared picture is told by its caption."""

    id: str
    text: str
    speaker: str
    at: datetime
    source: str

    @property
    def length(self) -> int:
        """How many characters it takes in a prompt, with its speaker and its day."""
        return len(f"[{self.at:%d %B %Y}] {self.speaker}: {self.text}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the ids of the turns that hold its answer."""

    text: str
    category: int
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation with its questions."""

    name: str
    turns: Sequence[Turn]
    questions: Sequence[Asked]


def conversations(file: Path, split: str) -> list[Conversation]:
    """Return the conversations of a split; `all` are all that the file has."""
    found = [_conversation(one) for one in json.loads(file.read_text(encoding="utf-8"))]
    return [one for one in found if split == "all" or one.name in SPLITS[split]]


def scores(evidence: frozenset[str], found: Sequence[str], lengths: Mapping[str, int]) -> Scores:
    """Return recall, whether all is there, and the characters, at each depth."""
    told: Scores = {}
    for depth in DEPTHS:
        hits = len(evidence.intersection(found[:depth]))
        told[f"recall@{depth}"] = 100 * hits / len(evidence)
        told[f"all@{depth}"] = 100.0 * (hits == len(evidence))
        told[f"chars@{depth}"] = float(sum(lengths[one] for one in found[:depth]))
    return told


def by_category(scored: Sequence[tuple[int, Scores]]) -> dict[str, Scores]:
    """Return the means over the questions of each category, with their number."""
    means: dict[str, Scores] = {}
    for name, categories in CATEGORIES.items():
        rows = [one for category, one in scored if category in categories]
        if rows:
            means[name] = {key: fmean(row[key] for row in rows) for key in rows[0]}
            means[name]["questions"] = float(len(rows))
    return means


def recall_table(means: Mapping[str, Scores]) -> str:
    """Return the means as a Markdown table."""
    keys = [f"{what}@{depth}" for what in ("recall", "all") for depth in DEPTHS]
    head = ["category", "questions", *keys, f"chars@{DEPTHS[-1]}"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for name, row in means.items():
        cells = [name, f"{row['questions']:.0f}", *(f"{row[key]:.1f}" for key in keys)]
        lines.append(f"| {' | '.join(cells)} | {row[head[-1]]:,.0f} |")
    return "\n".join(lines)


def _conversation(told: dict[str, Any]) -> Conversation:
    spoken = told["conversation"]
    sessions = sorted(int(name[8:]) for name in spoken if re.fullmatch(r"session_\d+", name))
    turns = [
        _turn(one, number, _when(spoken[f"session_{number}_date_time"]))
        for number in sessions
        for one in spoken[f"session_{number}"]
    ]
    known = {turn.id for turn in turns}
    asked = [
        Asked(one["question"], one["category"], _evidence(one.get("evidence"), known))
        for one in told["qa"]
    ]
    return Conversation(told["sample_id"], turns, [one for one in asked if one.evidence])


def _turn(one: dict[str, Any], session: int, at: datetime) -> Turn:
    caption = one.get("blip_caption", "").strip()
    text = one["text"].strip() + (f" [shares a picture: {caption}]" if caption else "")
    return Turn(one["dia_id"], text, one["speaker"], at, f"session-{session}")


def _when(text: str) -> datetime:
    return datetime.strptime(" ".join(text.split()), "%I:%M %p on %d %B, %Y")  # noqa: DTZ007 - the data names no zone


def _evidence(told: Sequence[str] | None, known: set[str]) -> frozenset[str]:
    """Return the turns named, in spite of slips such as "D8:6; D9:17", "D:11:26" and "D30:05"."""
    named = re.findall(r"D:?(\d+):(\d+)", " ".join(told or ()))
    return frozenset(f"D{int(session)}:{int(turn)}" for session, turn in named) & known
