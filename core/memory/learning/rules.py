"""What a message of the owner tells that will be asked again, found by rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.domain.events.memory import FactKind
from core.memory.learning.about import stated, statement_of
from core.memory.learning.forget_wish import without_forget_wishes
from core.memory.learning.model import IS, OWNER, About, Statement
from core.memory.learning.nouns import FAMILY, ROLES, is_link, type_of
from core.memory.learning.openings import ASIDES, Opened, opened, opening_at, phrases
from core.memory.learning.text import AROUND, MOST_CHARACTERS, MOST_WORDS, bares, sentences, wordset

FEWEST_WORDS = 3
_ORDERS = wordset(
    "remind write send draft email tell show give find search look book schedule call create "
    "make add delete remove cancel check read open summarize summarise translate list explain "
    "help prepare plan buy order pay reply answer forward ask let please can could update fix "
    "review see stop start run post publish save get fetch compare calculate print turn put try "
    "keep forget thanks thank cheers bye good dear congratulations welcome sorry"
)
_SAYING = wordset(
    "said says say told tells asked asks wrote writes thinks claimed claims mentioned mentions "
    "believes heard announced suggested suggests quote quoted"
)
_DECIDING = wordset(
    "decided agreed chose chosen accepted approved rejected signed cancelled canceled"
)
_WE_DECIDE = phrases(
    "we decided/i decided/we have decided/i have decided/we agreed/we have agreed/i agreed/"
    "we chose/i chose/we have chosen/we will go with/i will go with/we are going with/let us use/"
    "let us go with/let us stick with/we settled on/i settled on/we have settled on/"
    "it was decided/decided to/decided on/decided that/agreed to/agreed on/settled on"
)
_FROM_NOW = ("from", "now", "on")
_TASTE = wordset("like love hate enjoy dislike prefer")
_TASTING = frozenset(("always", "never", "do", "favourite", "favorite"))
_ORDERED_ALWAYS = frozenset(("always", "never"))
_RESULTS = wordset(
    "brought generated earned sold made got closed won lost signed raised increased grew "
    "dropped fell reached converted resulted led saved yielded gained achieved delivered "
    "attracted"
)
_WON = frozenset(("won", "lost", "signed", "closed"))
_PRIZES = wordset("deal client customer contract pitch tender account award order case bid project")
_POINTING = wordset("it this that these those he she they you there here")
_CONTACT = wordset("email e-mail mail phone mobile number birthday address")
_STARTS = frozenset(("my", "our", "the", "we", "i"))


@dataclass(frozen=True, slots=True)
class Learnt:
    """A sentence worth keeping, its kind, and what it is about where that is known."""

    text: str
    kind: FactKind
    about: About | None = None


def learned_by_rules(text: str) -> list[Learnt]:
    """Return what a message tells that will be asked again, in its order, each once."""
    found: dict[str, Learnt] = {}
    for sentence in sentences(without_forget_wishes(text)):
        for clause in _clauses(sentence):
            learnt = _learnt(clause)
            if learnt is not None:
                found.setdefault(learnt.text.casefold(), learnt)
    return list(found.values())


def _clauses(sentence: str) -> Iterator[str]:
    """Yield the parts of "my email is … and my phone is …" where each says something itself."""
    words = sentence.split()
    if len(sentence) > MOST_CHARACTERS or not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        return
    start = 0
    low = bares(words)
    for place in range(FEWEST_WORDS, len(words) - FEWEST_WORDS):
        if (
            low[place] not in {"and", "but"}
            or low[place + 1] not in _STARTS
            or place - start < FEWEST_WORDS
        ):
            continue
        left, right = " ".join(words[start:place]), " ".join(words[place + 1 :])
        if statement_of(left) and statement_of(right):
            yield left.rstrip(",")
            start = place + 1
    yield " ".join(words[start:])


def _learnt(sentence: str) -> Learnt | None:
    text = _without_aside(sentence)
    said = opened(text)
    if said is None or len(said.low) < FEWEST_WORDS or text.startswith('"'):
        return None
    if not _SAYING.isdisjoint(said.low[:8]):
        return Learnt(text, "decision") if not _DECIDING.isdisjoint(said.low) else None
    return _told(text, said)


def _told(text: str, said: Opened) -> Learnt | None:
    found = stated(said)
    if _decided(text, said):
        return Learnt(text, "decision", found.about if found else None)
    if said.low[0] in _ORDERS and found is None:
        return None
    if found is not None:
        return Learnt(text, _kind(found, said), found.about)
    if _standing(said.low):
        return Learnt(text, "preference")
    if said.low[0] in _POINTING:
        return None
    if _outcome(said):
        return Learnt(text, "outcome")
    return Learnt(text, "resource") if _resource(said) else None


def _standing(low: Sequence[str]) -> bool:
    """Return whether this is a wish for every time: "never call before 9"."""
    start = 1 if low[0] in {"i", "we"} else 0
    return low[start] in _ORDERED_ALWAYS and low[start + 1] not in {"mind", "welcome"}


def _decided(text: str, said: Opened) -> bool:
    from_now = "from now on" in text[:40].casefold() or said.low[-3:] == _FROM_NOW
    return from_now or opening_at(said.low, 0, _WE_DECIDE) > 0


def _kind(found: Statement, said: Opened) -> FactKind:
    about = found.about
    relation = about.relation.split()
    if type_of(said.words) == "url" or found.type == "url":
        return "resource"
    if found.type == "choice":
        return "preference" if "prefer" in said.low else "decision"
    tastes = relation[0] in _TASTE | _ORDERED_ALWAYS | {"do"} or relation[0] in {
        "favourite",
        "favorite",
    }
    if about.subject == OWNER:
        known = relation[0] in FAMILY | ROLES or relation[-1] in ROLES | FAMILY
        return "preference" if tastes else "person" if known else "note"
    return "person" if _personal(about, found, said) else "note"


def _personal(about: About, found: Statement, said: Opened) -> bool:
    relation = about.relation.split()
    if relation == ["number"]:
        return False
    if relation[-1] in _CONTACT | ROLES | FAMILY or not _TASTE.isdisjoint(relation):
        return True
    if set(about.subject.split()) & (FAMILY | ROLES) or about.relation in {"live in", "work at"}:
        return True
    role = found.value.casefold().strip(AROUND).split()[-1:]
    return about.relation == IS and said.words[0][:1].isupper() and _is_role(role)


def _is_role(words: Sequence[str]) -> bool:
    return any(w in ROLES | FAMILY or w.endswith(("er", "ist", "ian", "or")) for w in words)


def _outcome(said: Opened) -> bool:
    """Return whether a result is told: "the campaign brought 40 leads", "we won the pitch"."""
    for place, word in enumerate(said.low[1:10], 1):
        if word in _RESULTS:
            after = said.low[place + 1 :]
            counted = any(c.isdecimal() for w in after for c in w)
            return counted or (word in _WON and not _PRIZES.isdisjoint(after))
    return False


def _resource(said: Opened) -> bool:
    """Return whether an address is given with what is there."""
    links = sum(is_link(word) for word in said.words)
    return links > 0 and len(said.words) - links >= FEWEST_WORDS


def _without_aside(sentence: str) -> str:
    """Return a sentence without "remember that" and the like."""
    words = sentence.split()
    step = opening_at(bares(words[:8]), 0, ASIDES)
    return " ".join(words[step:]) if step else " ".join(words)
