"""The telling words of a text, cut to their stems (Porter)."""

import re
import threading
from functools import lru_cache

import snowballstemmer

_SPACES = re.compile(r"\s+")
_ASIDE = " \t.!;,\"'"
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_STEMMER = snowballstemmer.stemmer("porter")
_ONE_WORD = threading.Lock()
"""The stemmer keeps the word it works on in itself, and indexes are written in threads: two words
at once would give the stem of another word, which stays in the index, or an error."""
_LONGEST = 64
"""Characters of a word that has an ending; longer ones are no words, and would take a second."""
_COMMON = (
    "a about all also am an and any are aren as at be been being but by can could couldn d "
    "did didn do does doesn doing don down for from had hadn has hasn have haven having he "
    "her here hers him his how i if in into is isn it its just kind ll m many may me might "
    "more most much must my no nor not of off on one or our out over re remember s shall she "
    "should shouldn so some sort t tell than that the their them there these they thing "
    "things this those to too up us ve very was wasn we were weren what when where which who "
    "whom whose why will with won would wouldn yeah yes you your"
)
COMMON = frozenset(_COMMON.split())
"""Words that tell nothing of what a text is about."""


def tokens(text: str) -> list[str]:
    """Return the words of a text, in lower case and in order."""
    return [word.casefold() for word in _WORD.findall(text)]


def stems(text: str) -> list[str]:
    """Return the stems of the telling words of a text, in order."""
    return [stem(word) for word in tokens(text) if word not in COMMON]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of a word in lower case."""
    if len(word) > _LONGEST:
        return word
    with _ONE_WORD:
        stemmed: str = _STEMMER.stemWord(word)
    return stemmed


def same_words(text: str) -> str:
    """Return what texts share that say the same: case, spacing and closing marks aside."""
    return _SPACES.sub(" ", text).strip(_ASIDE).casefold()


def whole(text: str) -> str:
    """Return a text without halves of characters (lone surrogates), which no model takes."""
    return text.encode("utf-8", "replace").decode()


def indexed(text: str) -> str:
    """Return a text as an index of words keeps it: its stems with spaces between."""
    return " ".join(stems(text))
