"""The stems of words, in whatever thread they are asked for."""

import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.memory.search.words import stem

BEGINNINGS = ("relat", "conform", "vari", "generali", "oper", "nation", "commun", "adopt")
ENDINGS = ("ational", "alli", "fulness", "ization", "iveness", "ement", "edly", "ings", "ability")
WORDS = [f"{begin}{end}" for begin in BEGINNINGS for end in ENDINGS]


@pytest.fixture
def many_turns() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("many_turns")
def test_words_have_the_same_stems_in_many_threads() -> None:
    """While one thread writes an index and another searches, each gets the stem of its own word."""
    alone = [stem(word) for word in WORDS]

    def again(seed: int) -> bool:
        order = random.Random(seed).sample(range(len(WORDS)), len(WORDS))
        for at in order:
            stem.cache_clear()
            if stem(WORDS[at]) != alone[at]:
                return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(again, range(100)))
