"""What a text is held to before it leaves: rules that need no model and always say the same."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from core.agents.addresses import addresses
from core.agents.personal_data import personal_data, same_form
from core.domain.base import Frozen

MOST = 8
_NUMBER = re.compile(r"(?<![\w])\d[\d.,'’]*")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d+)?")
_LISTED = re.compile(r"^[ \t]*\d{1,3}[.)][ \t]", re.MULTILINE)
_NAME = re.compile(r"[^\W\d_][\w'’-]*(?:[ \t]+[^\W\d_][\w'’-]*)*")
_SENTENCE = re.compile(r"(?:^|[.!?:;\n\"“(*•–—-])\s*$")
_WORD = re.compile(r"[^\W_]+")
_NO_NAMES = frozenset(
    [
        "i",
        "i'm",
        "i'll",
        "i've",
        "i'd",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "hi",
        "hello",
        "dear",
        "hey",
        "best",
        "kind",
        "warm",
        "regards",
        "greetings",
        "thanks",
        "thank",
        "you",
        "sincerely",
        "yours",
        "cheers",
        "re",
        "fwd",
        "subject",
        "ps",
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "am",
        "pm",
        "ok",
        "faq",
    ]
)


class ReviewRules(Frozen):
    """The owner's rules for what leaves: phrases, length in words, hosts that may be linked to."""

    banned: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    max_words: int | None = None
    links: tuple[str, ...] = ()


class Flaw(NamedTuple):
    """Something that a rule found; `escalate` is for the owner's eye, not for another draft."""

    verdict: Literal["revise", "escalate"]
    reason: str


def flaws(text: str, rules: ReviewRules, sources: Sequence[str] | None) -> list[Flaw]:
    """Return what is wrong with a text, eight things and how many more; for the owner's eye first.

    `sources` are the texts it may rest on: numbers, names, links and personal data must stand
    there. None: they are not known, and only links and personal data are looked at.
    """
    known = "\n".join(sources or ())
    found = [*_phrases(text, rules), *_links(text, rules, known), *_personal(text, known)]
    if sources is not None:
        found += [*_numbers(text, known), *_names(text, known)]
    found.sort(key=lambda flaw: flaw.verdict != "escalate")
    if (more := len(found) - MOST) <= 0:
        return found
    return [*found[:MOST], Flaw(found[MOST].verdict, f"and {more} more like these")]


def _phrases(text: str, rules: ReviewRules) -> Iterator[Flaw]:
    flat = _flat(text)
    for phrase in rules.banned:
        if _holds(flat, phrase):
            yield Flaw("revise", f"the phrase {phrase!r} is banned")
    for phrase in rules.required:
        if not _holds(flat, phrase):
            yield Flaw("revise", f"the phrase {phrase!r} is required")
    words = len(text.split())
    if rules.max_words is not None and words > rules.max_words:
        yield Flaw("revise", f"it has {words} words and may have {rules.max_words}")


def _links(text: str, rules: ReviewRules, known: str) -> Iterator[Flaw]:
    there = addresses(known)
    for address in sorted(addresses(text) - there):
        if not _allowed(address, rules.links):
            yield Flaw("escalate", f"the link {address[:120]} stands in no source")


def _allowed(address: str, hosts: Sequence[str]) -> bool:
    host = (urlsplit(address).hostname or "").casefold()
    return any(
        host.endswith(one[1:]) if one.startswith("*.") else host == one
        for one in (allowed.casefold() for allowed in hosts)
    )


def _personal(text: str, known: str) -> Iterator[Flaw]:
    there = same_form(known)
    for datum in dict.fromkeys(personal_data(text)):
        if same_form(datum.text) not in there:
            yield Flaw("escalate", f"the {datum.kind} {datum.text} stands in no source")


def _numbers(text: str, known: str) -> Iterator[Flaw]:
    there = {form for number in _NUMBER.findall(known) for form in _forms(number)}
    plain = _LISTED.sub("", _without_links(text))
    for number in dict.fromkeys(found.rstrip(".,'’") for found in _NUMBER.findall(plain)):
        if not _forms(number) & there:
            yield Flaw("revise", f"the number {number} stands in no source")


def _forms(number: str) -> frozenset[str]:
    """Return how a number may be meant: `1.200` is twelve hundred or one point two."""
    number = number.rstrip(".,'’")
    meant = {number}
    if _GROUPED.fullmatch(number):
        head, sign, tail = number, "", ""
        if last := re.search(r"[.,](\d+)$", number):
            inner = number[: last.start()]
            if last[0][0] not in inner and re.search(r"[.,'’]", inner):
                head, sign, tail = inner, ".", last[1]
        meant.add(re.sub(r"[.,'’]", "", head) + sign + tail)
    if re.fullmatch(r"\d+[.,]\d+", number):
        meant.add(number.replace(",", "."))
    return frozenset(_trimmed(one) for one in meant)


def _trimmed(number: str) -> str:
    whole, point, part = number.partition(".")
    part = part.rstrip("0") if point and part.isdigit() else part
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _names(text: str, known: str) -> Iterator[Flaw]:
    there = {word.casefold() for word in _WORD.findall(known)}
    told: set[str] = set()
    plain = _without_links(text)
    for run in _NAME.finditer(plain):
        start = (
            bool(_SENTENCE.search(plain[max(0, run.start() - 8) : run.start()])) or not run.start()
        )
        for number, word in enumerate(run[0].split()):
            bare = re.sub(r"['’]s$", "", word).strip("'’-")
            opens = start and number == 0
            if opens or not _is_name(bare) or bare in told:
                continue
            if not {part.casefold() for part in _WORD.findall(bare)} <= there:
                told.add(bare)
                yield Flaw("revise", f"the name {bare!r} stands in no source")


def _is_name(word: str) -> bool:
    return word[:1].isupper() and len(word) > 1 and word.casefold() not in _NO_NAMES


def _without_links(text: str) -> str:
    for address in sorted(addresses(text), key=len, reverse=True):
        text = text.replace(address, " ")
    for datum in personal_data(text):
        text = text.replace(datum.text, " ")
    return text


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _holds(flat: str, phrase: str) -> bool:
    wanted = re.escape(_flat(phrase))
    before = r"(?<!\w)" if phrase[:1].isalnum() else ""
    after = r"(?!\w)" if phrase[-1:].isalnum() else ""
    return bool(re.search(f"{before}{wanted}{after}", flat))
