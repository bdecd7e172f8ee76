"""Made-up talk in any amount: English words as often as in real talk, twenty turns to a source."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from adapters.embedding.onnx import VOCABULARY
from core.memory.ingest import Ingested
from core.memory.search.words import COMMON

TURNS = 20
KNOWN_WORDS = 8000
FLAT = 20
"""How much less the first words stand out than by Zipf's law: the commonest are left out."""
SHORTEST_WORD = 3
_NAMES = (
    *("Anna", "Boris", "Chloe", "David", "Elena", "Farid", "Greta", "Hugo", "Irene", "Jonas"),
    *("Karin", "Liam", "Maria", "Nadia", "Oscar", "Petra", "Quentin", "Rosa", "Stefan", "Tomas"),
)
_TURNS = (
    "I talked to the {} about the {} and we will {} it before the {} in {}.",
    "Last week we moved the {} to {} because the {} was too {} for our {}.",
    "Have you seen how the {} does {} since they have a {} and {}?",
    "The {} for {} is ready, but {} still has to {} the {} first.",
    "My {} wants a {} {} by Friday, so I asked {} for the {}.",
    "Yes, that {} was really {}. It made me think of {} and the {} {}.",
    "We decided to {} with {} instead of {}: it costs less {} and no {}.",
    "Every {} I go to the {} with {} and we {} until the {} closes.",
)
_QUESTIONS = (
    "What did {0} say about the {1} and the {2}?",
    "When did {0} talk about {1} with {2}?",
    "Who has the {1} for {2} and {3}?",
    "Why was the {1} moved to {2}?",
    "How many {1} did {0} have for the {2}?",
    "What was decided about {1}, {2} and {3}?",
)
START = datetime(2024, 1, 1, tzinfo=UTC)


def made_facts(count: int, seed: int = 1) -> list[Ingested]:
    """Return so many turns, the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - the same facts each time
    words, weights = _vocabulary()
    names = _NAMES[: max(2, min(len(_NAMES), count // 50))]
    made = []
    for number in range(count):
        talk, part = divmod(number, TURNS)
        told = chance.choices(words, cum_weights=weights, k=5)
        one = Ingested(
            id=f"t{talk}:{part}",
            text=chance.choice(_TURNS).format(*told),
            at=START + timedelta(hours=talk, minutes=part),
            source=f"talk-{talk}",
            speaker=names[(talk + part % 2 * (1 + talk // len(names))) % len(names)],
            kind="turn",
        )
        made.append(one)
    return made


def questions(facts: Sequence[Ingested], count: int, seed: int = 2) -> list[str]:
    """Return questions that share words with one of the facts each."""
    chance = random.Random(seed)  # noqa: S311 - as above
    asked = []
    for _ in range(count):
        fact = chance.choice(facts)
        told = [word.strip(".,?:") for word in fact.text.split()]
        telling = [word for word in told if word not in COMMON and len(word) >= SHORTEST_WORD]
        picked = chance.sample(telling, 3) if len(telling) >= 3 else [*telling, "price", "plan"]  # noqa: PLR2004 - of a question
        asked.append(chance.choice(_QUESTIONS).format(fact.speaker, *picked))
    return asked


def _vocabulary() -> tuple[list[str], list[float]]:
    """Return words, commonest first, with how often each and those before it are said."""
    every = VOCABULARY.read_text(encoding="utf-8").split()
    good = [
        word
        for word in every
        if len(word) >= SHORTEST_WORD and word.isalpha() and word.isascii() and word not in COMMON
    ][:KNOWN_WORDS]
    return good, list(accumulate(1 / (FLAT + rank) for rank in range(len(good))))
