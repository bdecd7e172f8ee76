"""A wish to forget, in words: "forget that the wifi code is 4321" states nothing to be learned."""

import re
from typing import Final

_OPENING: Final = (
    r"(?:(?:please|pls|kindly|just|now|then|also|and|but|so|ok|okay|no|hey|hi|hello|well|oh|equerry"
    r"|actually|sorry|bitte|s'il (?:te|vous) pla[iî]t|por favor|per favore|alsjeblieft"
    r"|(?:can|could|would|will) you|you (?:can|could|may|should|must|have to|need to)"
    r"|i(?: would|['’]d) like you to|i (?:want|need|ask) you to|let us|let['’]s|kannst du"
    r"|go ahead and)[\s,.:!;-]+)*"
)
_VERB: Final = (
    r"(?:(?:forget|unlearn|disregard)\b"
    r"(?!\s*(?:to\b|-?me[ -]nots?\b|['’=])|[.,!?]*\s+(?:is|are|was)\b)"
    r"|(?:stop|quit) (?:remembering|believing|thinking)\b|no longer remember\b"
    r"|(?:do not|don['’]?t|never) (?:remember|memori[sz]e|keep in mind|learn)\b"
    r"|(?:delete|erase|remove|drop|wipe|clear)\b(?=[^\n]{0,200}\bmemor(?:y|ies)\b)"
    r"|(?:delete|erase|remove|drop|wipe) (?:the |that |this )?facts?\b"
    r"|(?:vergiss|vergesst|vergessen sie|vergeet|oublie|oubliez|olvida|olvide|olv[ií]date"
    r"|dimentica|dimentichi|esquece|esqueça)\b)"
)
_WISH: Final = re.compile(rf"\s*{_OPENING}{_VERB}", re.IGNORECASE)
_MIDWAY: Final = re.compile(
    rf"(?:^|(?<=[.!?;:\n])|,|\b(?:and|but|then|so)\b)[\s]*{_OPENING}{_VERB}"
    r"(?:(?![.!?;](?:\s|$))[^\n])*[.!?;]?",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED: Final = re.compile(
    rf"{_OPENING}(?:forget|unlearn)\s+(?:"
    r"(?:that\s+|the fact that\s+)(?P<stated>(?=.*\b(?:is|are|am|was|were|has|have|had|lives?"
    r"|likes?|loves?|hates?|prefers?|works?|owns?|uses?|costs?|pays?|runs?|moved|said|told|decided)\b"
    r"|.*\w['’](?:s|m|re|ve)\b).+)"
    r"|(?:what|everything|all|anything)(?: that)? (?:i|we)(?: have|['’]ve)? "
    r"(?:said|told you|tell you|wrote|mentioned)(?: to you)? (?:about|on|of|regarding) (?P<told>.+)"
    r"|(?:what|everything|all|anything)(?: that)? you (?:know|learned|learnt|remember|have)"
    r"(?: (?:about|on|of|regarding))? (?P<known>.+)"
    r"|the fact about (?P<about>.+))",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s)|\n")


def is_forget_wish(text: str) -> bool:
    """Whether a text begins with a wish that something be forgotten."""
    return _WISH.match(text) is not None


def without_forget_wishes(text: str) -> str:
    """Return a message without the clauses that wish something forgotten."""
    return _MIDWAY.sub(" ", text).strip() if _MIDWAY.search(text) else text


def forget_target(text: str) -> str | None:
    """Return what a line, as a whole, wishes forgotten; None where it may mean something else.

    "Forget the meeting" may call it off; "forget that the wifi code is 4321" can only mean memory.
    """
    line = text.strip().rstrip(".!? ")
    found = None if _SENTENCE_END.search(line) else _NAMED.fullmatch(line)
    if found is None:
        return None
    return next(words for words in found.groups() if words)
