"""What a decision is about: whether a later one takes the place of an earlier one.

It errs on the side of keeping both: two decisions are about the same only where their subject is
the same, or where the later one says that something changed and names what it was.
"""

import re
from collections.abc import Sequence

from core.memory.search.words import stems as words
from core.memory.summaries.bullets import Bullet

_USED = (
    r"\b(?:use|using|go with|going with|choose|pick|take|switch(?:ed|ing)? to|move[sd]? to|"
    r"moving to)\s+(?P<value>.+?)\s+(?:for|as)\s+(?P<subject>.+)"
)
_CHANGED = (
    r"\b(?:change[sd]?|switch(?:ed|ing)?|move[sd]?)\s+(?P<subject>.+?)\s+"
    r"(?:from\s+.+?\s+)?to\s+(?P<value>.+)"
)
_IS = (
    r"(?P<subject>.+?)\s+(?:is now|are now|is|are|will be|costs?|stays?|goes to|becomes|"
    r"should be)\s+(?P<value>.+)"
)
_SUBJECTS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (_USED, _CHANGED, _IS))
_LEAD = re.compile(
    r"^(?:(?:ok(?:ay)?|so|well|actually|right|then|and|but|also|decided|agreed|decision|we|i|have|"
    r"has|'ve|that|from now on|as of now|on reflection|no)\b[,:\s]*|[,:\s]+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[,;]?\s+\b(?:instead of|rather than|instead|from now on|because|since|so that|not)\b.*$",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"\b(?:instead of|rather than|no longer|not any ?more|drop|stop using|from)\s+(?P<old>.+?)"
    r"(?=\s+(?:to|for|because|since|so that)\b|[,.;]|$)",
    re.IGNORECASE,
)
_WEAK = frozenset(
    words(
        "use go choose pick take switch change move decide agree let lets ll now instead longer "
        "from rather than no not actually should stop drop any more new one as so"
    )
)
ENOUGH = 2


def replaced(new: Bullet, older: Sequence[Bullet]) -> Bullet | None:
    """Return the one of `older` that `new` takes the place of: the newest about the same."""
    for old in reversed(older):
        if _same(new.text, old.text):
            return old
    return None


def _same(new: str, old: str) -> bool:
    if telling(new) == telling(old):
        return True
    subject = subject_of(new)
    if subject and subject == subject_of(old):
        return True
    return _names_the_old(new, old)


def _names_the_old(new: str, old: str) -> bool:
    """Whether `new` says what no longer holds, and `old` says just that and is about the same."""
    match = _INSTEAD.search(new)
    gone = telling(match["old"]) if match else frozenset()
    there = telling(old)
    if not gone or not gone <= there:
        return False
    rest = there - gone
    return not rest or bool(rest & telling(new)) or len(gone) >= ENOUGH


def subject_of(text: str) -> frozenset[str]:
    """Return the telling words of what a decision is about; empty where it cannot be told."""
    plain = _TAIL.sub("", _LEAD.sub("", text.strip().rstrip(".!")))
    for pattern in _SUBJECTS:
        if match := pattern.search(plain):
            return telling(match["subject"])
    return frozenset()


def telling(text: str) -> frozenset[str]:
    """Return the words that tell one statement from another."""
    return frozenset(words(text)) - _WEAK
