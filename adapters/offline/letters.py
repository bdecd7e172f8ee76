"""The grammar of mails: who to, about what, saying what."""

import re
from dataclasses import dataclass
from typing import Final

from adapters.offline.context import Context
from adapters.offline.wording import capital, stems, unquoted

_FLAGS: Final = re.IGNORECASE | re.DOTALL
ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESSES: Final = rf"{ADDRESS.pattern}(?:\s*(?:,\s*and|,|;|&|and)\s*{ADDRESS.pattern})*"
_STOPS: Final = (
    r"about|regarding|concerning|re|on the subject|that|saying|to say|telling|asking|with"
    r"|subject|titled"
    r"|cc|body|and (?:tell|ask|say)|to (?:ask|tell|remind|let)|because"
)
_WHO: Final = re.compile(
    rf"\s*(?:to\s+)?(?:(?P<addresses>{_ADDRESSES})|(?P<names>[^:\n]+?))\s*(?=$|[,:;\n]"
    rf"|\s(?:{_STOPS})\b)",
    _FLAGS,
)
_CC: Final = re.compile(rf"[\s,]*(?:and )?cc:?\s+(?P<cc>{_ADDRESSES})", _FLAGS)
_SUBJECT_BODY: Final = re.compile(
    r"[\s,:;]*(?:with )?(?:the |a )?subject(?: line)?[:\s]+(?P<subject>\"[^\"]+\"|“[^”]+”|.+?)"
    r"[\s,;]+(?:(?:and|with) )?(?:the )?(?:body|text|message|content)[:\s]+(?P<body>.+)",
    _FLAGS,
)
_SUBJECT: Final = re.compile(
    r"[\s,:;]*(?:with )?(?:the |a )?subject(?: "
    r"line)?[:\s]+(?P<subject>[^\n]+?)(?:\n+(?P<body>.+))?",
    _FLAGS,
)
_ABOUT: Final = re.compile(
    r"[\s,]*(?:about|regarding|concerning|re:?|titled)\s+(?P<subject>[^\n]+?)"
    r"(?:\s*(?::\s*|\n+|[\s,]+(?:saying|that says|to say|and say|and tell (?:him|her"
    r"|them)(?: that)?|with the (?:text|body|message)|body:?)[\s:]+)(?P<body>.+))?",
    _FLAGS,
)
_SAYING: Final = re.compile(
    r"[\s,]*(?:(?:and )?(?:saying|that says|that|to say|say|telling|(?:and |to "
    r")?tell(?:ing)?)(?: (?:him|her|them))?(?: that)?[\s:]+"
    r"|(?:with )?(?:the )?(?:text|body|message)[\s:]+|:\s*|\n+)(?P<body>.+)",
    _FLAGS,
)
_ASKING: Final = re.compile(r"[\s,]*(?:and |to )?(?P<body>(?:ask|asking|remind|let)\b.+)", _FLAGS)
_SUBJECT_LENGTH: Final = 60


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as understood; `exact` says that subject and body are the owner's own words."""

    to: tuple[str, ...]
    subject: str
    body: str
    cc: tuple[str, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why no mail could be made of it: one or two sentences for the owner."""

    text: str


def read_letter(text: str, context: Context) -> Letter | Unclear:
    """Return the mail that the words after `send a mail` or `email` describe."""
    who = _WHO.match(text)
    if who is None:
        return Unclear(
            "To whom? Write it like: send a mail to bob@acme.com about lunch: see you at noon."
        )
    to = _recipients(who, context)
    if isinstance(to, Unclear):
        return to
    rest, cc = text[who.end() :], ()
    copies = _CC.search(rest.split("\n")[0])
    if copies:
        cc = tuple(ADDRESS.findall(copies["cc"]))
        rest = rest[: copies.start()] + rest[copies.end() :]
    return _content(to, cc, rest.rstrip(), context)


def _content(
    to: tuple[str, ...], cc: tuple[str, ...], rest: str, context: Context
) -> Letter | Unclear:
    for pattern in (_SUBJECT_BODY, _SUBJECT, _ABOUT):
        if match := pattern.fullmatch(rest):
            subject = capital(unquoted(match["subject"]).strip(" .,"))
            if body := match["body"]:
                return Letter(to, subject, unquoted(body), cc)
            return Letter(to, subject, _composed(to, match["subject"], context), cc, exact=False)
    if match := _SAYING.fullmatch(rest):
        body = capital(unquoted(match["body"]))
        return Letter(to, _subject(body), body, cc, exact=False)
    if _ASKING.fullmatch(rest):
        return Unclear("I can send your words, not find them: write “… saying:” and then the text.")
    return Unclear(
        f"What should the mail to {', '.join(to)} say? Write “about …: …” or “saying …”."
    )


def _recipients(who: re.Match[str], context: Context) -> tuple[str, ...] | Unclear:
    if who["addresses"]:
        return tuple(dict.fromkeys(ADDRESS.findall(who["addresses"])))
    found: list[str] = []
    names = re.split(r"\s*(?:,|&|\band\b)\s*", who["names"])
    for name in filter(None, names):
        if "@" in name:
            return Unclear(f"{name.strip()!r} is no mail address.")
        addresses = known_addresses(name, context)
        if not addresses:
            who_is = capital(name.strip())
            return Unclear(
                f"I do not know the mail address of {who_is}. Tell me with “remember that "
                f"{who_is}'s "
                "email is …”, or write the address."
            )
        if len(addresses) > 1:
            return Unclear(
                f"I know several addresses for {name.strip()}: {', '.join(addresses)}. Which one?"
            )
        found += addresses
    return tuple(dict.fromkeys(found))


def known_addresses(name: str, context: Context) -> list[str]:
    """Return the addresses in facts that name this person."""
    wanted = stems(name)
    facts = (fact.text for fact in context.facts if wanted and wanted <= stems(fact.text))
    return list(dict.fromkeys(address for text in facts for address in ADDRESS.findall(text)))


def _subject(body: str) -> str:
    first = re.split(r"(?<=[.!?])\s|\n", body, maxsplit=1)[0].rstrip(".!")
    if len(first) <= _SUBJECT_LENGTH:
        return first
    return first[:_SUBJECT_LENGTH].rsplit(" ", 1)[0] + " …"


def _composed(to: tuple[str, ...], about: str, context: Context) -> str:
    """Return the plain mail for a subject without a text."""
    name = re.split(r"[@._+\d-]", to[0])[0].capitalize() if len(to) == 1 else "all"
    owner = context.owner or "Best regards"
    return f"Hi {name},\n\nI am writing about {unquoted(about).strip(' .')}.\n\n{owner}"
