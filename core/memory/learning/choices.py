"""What the owner uses, prefers or decided on "for" something: one choice for each purpose."""

from collections.abc import Sequence

from core.memory.learning.model import OWNER, About, Statement
from core.memory.learning.openings import Opened, opening_at, phrases
from core.memory.learning.text import bare, plain, wordset

ADVERBS = wordset(
    "now currently always usually still really both generally just all also sometimes mostly often"
)
DECIDED = phrases(
    "decided to/decided that we/decided we/decided that i/decide to/decided on/agreed to/"
    "agreed that we/agreed we/agreed on/chose to/choose to/are going to/am going to/will/have/"
    "am/are/let us/decided/decide/agreed"
)
"""How a sentence says that what follows was decided."""
_ENDED = phrases("no longer/do not/did not/never/will not/stopped/are not/am not/not")
_TAKES = phrases(
    "use/using/prefer/choose/chose/chosen/pick/picked/go with/going with/went with/gone with/"
    "stick with/sticking with/settled on/settle on/take/took/switch to/switched to/switching to/"
    "migrated to/moved to/are using/changed to/change to"
)
_WAS = frozenset(("used", "were", "was"))
_BARE_VERBS = frozenset(("use", "switch", "decide", "decided", "let", "stick", "replace", "agreed"))
_SWITCHES = phrases(
    "switch from/switched from/switching from/moved from/migrated from/changed from/change from/"
    "migrate from"
)
_REPLACES = phrases("replace/replaced/replacing")
_ENDS_PURPOSE = wordset(
    "from because since as until instead now again today anymore starting so but and which "
    "while when going any"
)
_NO_PURPOSE = wordset(
    "me us it them you him her that this now free example instance a while ever good fun long "
    "years months weeks days hours minutes later once one two three four five six ten many some "
    ""
)
_BESIDE = frozenset(("and", "but", "because", "since", "so", "while", "which"))
_UNNAMED = wordset("this that these those it them him her attached following above")
_PARTIAL = wordset("sometimes mostly occasionally partly usually often either")


def choice(said: Opened) -> Statement | None:
    """Return what is chosen for which purpose: "we use Stripe for payments"."""
    words, low = _purpose_last(list(said.words), list(said.low))
    if not low or low[0] not in {"i", "we"} | _BARE_VERBS | {"prefer"}:
        return None
    place, ended, changes = _before_verb(low)
    taken = _taken(low, place)
    if taken is None:
        return None
    start, end, switched = taken
    cut = _purpose_at(low, end)
    if not cut:
        return None
    purpose = _until_end(words, cut + 1)
    if not purpose or low[cut + 1] in _NO_PURPOSE or purpose[0][0].isdecimal():
        return None
    if low[start] in _UNNAMED or low[start + 1] in _UNNAMED:
        return None
    value = " ".join(words[start : min(cut, end + _long(low, end, cut))])
    single = not said.adds and not _PARTIAL & set(low)
    about = About(OWNER, f"for {' '.join(purpose)}", single)
    beside = next((n for n in range(cut, len(low)) if low[n] in _BESIDE), len(low))
    changed = changes or switched or said.changes
    return Statement(about, value, "choice", changed, ended, " ".join(words[beside:]))


def _purpose_last(words: list[str], low: list[str]) -> tuple[list[str], list[str]]:
    """Turn "for payments we use Adyen" round."""
    if low[:1] == ["for"]:
        for place in range(2, min(len(low), 8)):
            if low[place] in {"i", "we", "use"}:
                return words[place:] + words[:place], low[place:] + low[:place]
    return words, low


def _before_verb(low: Sequence[str]) -> tuple[int, bool, bool]:
    """Return where the verb stands, whether it is denied, and whether it was decided."""
    place = 1 if low[0] in {"i", "we"} else 0
    ended = decided = False
    while place < len(low):
        step = opening_at(low, place, DECIDED)
        if step:
            decided = decided or low[place] not in {"have", "will", "am", "are"}
        elif low[place] in ADVERBS:
            step = 1
        elif step := opening_at(low, place, _ENDED):
            ended = True
        else:
            break
        place += step
    return place, ended, decided


def _taken(low: Sequence[str], place: int) -> tuple[int, int, bool] | None:
    """Return where the chosen thing begins, where to look for "for", and whether it is a switch."""
    for verbs, link in ((_SWITCHES, "to"), (_REPLACES, "with")):
        if step := opening_at(low, place, verbs):
            if link not in low[place + step :]:
                return None
            start = low.index(link, place + step) + 1
            return start, start, True
    step = opening_at(low, place, _TAKES)
    if step:
        return (
            place + step,
            place + step,
            low[place].startswith(("switch", "migrat", "mov", "chang")),
        )
    decided = place and low[place - 1] == "on"
    return (place, place, False) if decided else None


def _purpose_at(low: Sequence[str], start: int) -> int:
    """Return where "for" stands, after at least a word; 0: nowhere."""
    for place in range(start + 1, len(low) - 1):
        if low[place] == "for":
            return place
    return 0


def _until_end(words: Sequence[str], start: int) -> list[str]:
    purpose: list[str] = []
    for word in words[start:]:
        if bare(word) in _ENDS_PURPOSE:
            break
        purpose.append(word)
        if word.endswith((",", ";")):
            break
    return plain(purpose).split()


def _long(low: Sequence[str], start: int, cut: int) -> int:
    """Return how many words the chosen thing has: "Adyen instead of Stripe" has one."""
    for place in range(start, cut):
        if low[place] in {"instead", "over", "rather"}:
            return place - start
    return cut - start
