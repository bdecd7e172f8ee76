"""Facts by their words: the embedded recall until a vector store is configured."""

import re
from collections import Counter
from dataclasses import dataclass
from math import log as ln

from core.domain.sources import Source, Taint
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, RowQuery

MOST = 12
SCANNED = 2000
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "be",
        "by",
        "do",
        "does",
        "did",
        "for",
        "from",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "of",
        "on",
        "or",
        "our",
        "s",
        "that",
        "the",
        "their",
        "there",
        "they",
        "this",
        "to",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "you",
        "your",
        "know",
        "about",
        "tell",
        "remember",
    ]
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A known fact with its score for a query; 0 when there was no query."""

    id: str
    text: str
    learned: str
    sources: Taint
    score: float = 0.0


def words(text: str) -> list[str]:
    """Return the telling words of a text, lower-cased and cut to their stem."""
    found = (word.casefold() for word in _WORD.findall(text))
    return [_stem(word) for word in found if word not in _COMMON]


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - shortest stem
            return word[: -len(ending)]
    return word


async def known_facts(log: EventLog, rows: ReadModels) -> list[Fact]:
    """Return the facts that still have their text, newest first."""
    query = RowQuery("facts", states=frozenset({"known"}), order="written", newest_first=True)
    found = await rows.find(query, limit=SCANNED)
    values = await log.values([row.doc["text"]["ref"] for row in found])
    return [
        Fact(
            id=row.key,
            text=str(values[row.doc["text"]["ref"]]),
            learned=row.doc["learned"],
            sources=tuple(Source.model_validate(s) for s in row.doc["sources"]),
        )
        for row in found
        if row.doc["text"]["ref"] in values
    ]


async def relevant_facts(
    log: EventLog, rows: ReadModels, text: str, most: int = MOST
) -> list[Fact]:
    """Return the facts that share telling words with `text`, best first (idf-weighted overlap)."""
    facts = await known_facts(log, rows)
    wanted = set(words(text))
    if not wanted or not facts:
        return []
    bags = [set(words(fact.text)) for fact in facts]
    seen = Counter(word for bag in bags for word in bag)
    scored = []
    for fact, bag in zip(facts, bags, strict=True):
        score = sum(ln(1 + len(facts) / seen[word]) for word in wanted & bag)
        if score > 0:
            scored.append(Fact(fact.id, fact.text, fact.learned, fact.sources, score))
    scored.sort(key=lambda fact: fact.score, reverse=True)
    return scored[:most]
