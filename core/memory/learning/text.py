"""Messages as sentences, and sentences as words. Every step is one pass over the text."""

from collections.abc import Iterator, Sequence


def wordset(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


MOST_WORDS = 60
MOST_CHARACTERS = 600
AROUND = "\"'“”()[]{}<>,;:.!?…*_`"
_ENDS = (".", "!", "?", "…", ";")
_BULLETS = frozenset(("-", "*", "•", "–", "+"))
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})  # noqa: RUF100
_ABBREVIATED = wordset(
    "mr. mrs. ms. dr. prof. st. no. nr. inc. ltd. co. corp. vs. e.g. i.e. etc. approx. ca. tel. "
    "jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec. mon. tue. wed. thu. fri. sat. "
    "sun."
)
_FENCE = "```"
ARTICLES = frozenset(("a", "an", "the"))
OURS = frozenset(("my", "our"))
_SHORT = {
    "i'm": "I am", "we're": "we are", "i've": "I have", "we've": "we have", "i'll": "I will",
    "we'll": "we will", "isn't": "is not", "aren't": "are not", "wasn't": "was not",
    "weren't": "were not", "don't": "do not", "doesn't": "does not", "didn't": "did not",
    "won't": "will not", "let's": "let us", "that's": "that is", "it's": "it is",
    "he's": "he is", "she's": "she is", "there's": "there is", "i'd": "I would",
    "we'd": "we would", "can't": "can not", "what's": "what is", "who's": "who is",
    "they're": "they are", "you're": "you are", "here's": "here is",
}  # fmt: skip
_AFTER_SHORT_IS = frozenset(("a", "an", "our", "my", "now", "not", "no"))


def bare(word: str) -> str:
    """Return a word for comparing: without what stands around it, case folded."""
    return word.strip(AROUND).casefold()


def bares(words: Sequence[str]) -> list[str]:
    """Return words for comparing, one for each."""
    return [bare(word) for word in words]


def plain(words: Sequence[str]) -> str:
    """Return words as a key: case folded, without articles, "my" and "our"."""
    kept = (bare(word) for word in words)
    return " ".join(word for word in kept if word and word not in ARTICLES and word not in OURS)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a message, without quoted lines and code."""
    code = False
    for line in text.translate(_QUOTES).splitlines():
        stripped = line.strip()
        if stripped.startswith(_FENCE):
            code = not code
        elif not code and not stripped.startswith((">", "|", "#")):
            yield from _sentences_of_line(stripped.split())


def _sentences_of_line(words: list[str]) -> Iterator[str]:
    start = 1 if words and words[0] in _BULLETS else 0
    for place in range(start, len(words)):
        if place + 1 == len(words) or _ends(words[place], words[place + 1]):
            yield " ".join(words[start : place + 1])
            start = place + 1


def _ends(word: str, following: str) -> bool:
    inner = word.rstrip("\"')]}*_")
    if not inner.endswith(_ENDS):
        return False
    if inner[-1] != ".":
        return True
    if inner.casefold() in _ABBREVIATED or (len(inner) == 2 and inner[0].isupper()):  # noqa: PLR2004 - an initial
        return inner.casefold() == "etc." and following[:1].isupper()
    return not (inner[:-1].isdecimal() and len(inner) <= 3 and following[:1].isalpha())  # noqa: PLR2004 - "5. May"


def words_of(sentence: str) -> list[str]:
    """Return the words of a sentence with short forms written out; none when it is too long."""
    if len(sentence) > MOST_CHARACTERS:
        return []
    found = sentence.translate(_QUOTES).split()
    if len(found) > MOST_WORDS:
        return []
    words: list[str] = []
    for place, word in enumerate(found):
        following = bare(found[place + 1]) if place + 1 < len(found) else ""
        words += _written_out(word, following)
    return [word for word in words if bare(word)]


def _written_out(word: str, following: str) -> list[str]:
    low = bare(word)
    if low in _SHORT:
        return _SHORT[low].split()
    if low.endswith("'s") and following in _AFTER_SHORT_IS:
        return [word.rstrip(AROUND)[:-2], "is"]
    return [word]
