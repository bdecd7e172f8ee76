"""Plain-English helpers: politeness off, words to stems, likeness of two phrases."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from adapters.offline.context import Item

_POLITE: Final = re.compile(
    r"\s*(?:(?:hey|hi|hello|ok|okay|so|well|yo)?[\s,]*\bequerry\b[\s,:!.]*"
    r"|(?:ok|okay|so|well|hey|hi|hello|also|now|then|and|oh|btw|by the way)[,!]?\s+(?=\w+\s)"
    r"(?!everyone|there)"
    r"|(?:please|pls|plz|kindly|just|go ahead and)[\s,]+"
    r"|(?P<asked>(?:can|could|would|will) you(?: please| kindly)?\s+)(?!remember (?!that\b)|recall)"
    r"|i(?:'d| would) like (?:you )?to\s+|i want you to\s+|i need you to\s+|you should\s+"
    r"|let'?s\s+|help me (?:to )?(?=write|draft|remember))",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(
    r"[\s,]+(?:please|pls|plz|thanks|thank you|for me)\s*([.!?]*)$", re.IGNORECASE
)
_QUOTES: Final = {'"': '"', "“": "”", "'": "'", "‘": "’", "`": "`"}
_WORD: Final = re.compile(r"[\w@.+-]*\w")
_STOP: Final = frozenset(
    {
        "a", "an", "the", "is", "are", "was", "were", "be", "been", "am", "i", "me", "my",
        "mine", "you", "your", "we", "our", "us", "it", "its", "this", "that", "these", "those",
        "of", "to", "in", "on", "at", "by", "for", "with", "from", "and", "or", "do", "does",
        "did", "have", "has", "had", "what", "whats", "who", "whos", "when", "where", "which",
        "whose", "how", "why", "about", "tell", "know", "remember", "recall", "please", "can",
        "could", "would", "will", "should", "s", "there", "any", "some", "give", "show", "find",
        "anything", "everything", "due",
    }
)  # fmt: skip
_SAME: Final = {
    "mail": "email", "e-mail": "email", "emails": "email", "address": "address",
    "telephone": "phone", "mobile": "phone", "cell": "phone", "tel": "phone",
    "bday": "birthday", "born": "birthday", "firm": "company", "business": "company",
    "ring": "call", "phoned": "call", "spouse": "partner", "wife": "partner",
    "husband": "partner", "client": "customer", "purchase": "buy", "bought": "buy",
    "sent": "send", "paid": "pay", "wrote": "write", "written": "write", "lives": "live",
    "invoicing": "invoice", "bill": "invoice", "favorite": "favourite", "meet": "meeting",
    "met": "meeting", "went": "go", "gone": "go", "saw": "see", "seen": "see", "sold": "sell",
    "won": "win", "lost": "lose", "made": "make", "got": "get", "spoke": "speak",
    "spoken": "speak", "came": "come", "took": "take", "taken": "take", "left": "leave",
    "flew": "fly", "drove": "drive", "ate": "eat", "began": "begin", "ran": "run",
}  # fmt: skip
_SUFFIXES: Final = ("ing", "ed", "es", "s", "e")
_DOUBLING: Final = ("ing", "ed")
_SHORTEST_STEM: Final = 3


def plain(text: str) -> str:
    """Return the request without greetings to the assistant and polite words around it."""
    text = text.strip()
    while (match := _POLITE.match(text)) and match.end() and text[match.end() :].strip():
        text = text[match.end() :].lstrip()
        if match["asked"]:
            text = text.rstrip(" ?")
    return _TRAILING.sub(r"\1", text).strip()


def unquoted(text: str) -> str:
    """Return the text without one pair of quotes around all of it."""
    text = text.strip()
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        return text[1:-1].strip()
    return text


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return the text as a sentence: a capital first, a mark at the end."""
    text = capital(text.strip())
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def bullets(lines: Iterable[str]) -> str:
    """Return one bullet a line."""
    return "\n".join(f"- {line}" for line in lines)


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning."""
    words = (word.lower() for word in _WORD.findall(re.sub(r"['’]s\b|['’]", "", text)))
    return frozenset(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    word = _SAME.get(word, word)
    if "@" in word or not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            short = word.removesuffix(suffix)
            return _single(short) if suffix in _DOUBLING else short
    return word


def _single(stem: str) -> str:
    """Return the stem of "shipped" and "planning" with one letter at its end, not of "called"."""
    doubled = stem[-1] == stem[-2] and stem[-1] not in "lsz" and len(stem) > _SHORTEST_STEM
    return stem[:-1] if doubled else stem


def likeness(query: str, text: str, aside: frozenset[str] = frozenset()) -> float:
    """Return which part of the query's words occur in the text, 0 to 1.

    `aside` are stems that tell how it is asked, not what for.
    """
    wanted = stems(query) - aside or stems(query)
    return len(wanted & stems(text)) / len(wanted) if wanted else 0.0


def named(query: str, items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items that the query names: by id, else the ones most like it (at least half)."""
    ids = {found.upper() for found in re.findall(r"[A-Za-z0-9]+", query)}
    if by_id := tuple(item for item in items if item.id.upper() in ids):
        return by_id
    scored = [(likeness(query, item.text), item) for item in items]
    best = max((score for score, _ in scored), default=0.0)
    if best < 0.5:  # noqa: PLR2004 - half of the words
        return ()
    return tuple(item for score, item in scored if score == best)


def is_id(letter: str, text: str) -> bool:
    """Whether a text is an id as lists show it; the prompt may have had no room for the item."""
    return re.fullmatch(rf"{letter}[A-Z2-7]{{6}}", text) is not None
