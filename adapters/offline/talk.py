"""Small talk, the time, sums, help, and the honest answer to everything else."""

import re
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Final

from adapters.offline.moves import Ask, Do, Move, Rule, Say, offered
from adapters.offline.wording import bullets

_GREETING: Final = re.compile(
    r"(?:hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings)(?: "
    r"there| equerry| again)?[\s!.,]*"
    r"(?:how are you(?: doing)?(?: today)?\s*\??)?|how are you(?: doing)?(?: today)?\s*\??"
    r"|equerry[?!. ]*",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"(?:ok(?:ay)?[\s,]*)?(?:thanks|thank you|thx|ty|cheers|much appreciated|great|perfect"
    r"|nice|awesome|cool|well done)"
    r"(?: (?:a lot|so much|very much|you|equerry|for [\w ]+|job|work))*[\s!.]*",
    re.IGNORECASE,
)
_BYE: Final = re.compile(
    r"(?:bye|goodbye|good night|see you|later)(?: equerry| later| tomorrow)?[\s!.]*", re.IGNORECASE
)
_HELP: Final = re.compile(
    r"/?help(?: me)?|(?:so )?what (?:can|do) you (?:do|help with|know how to do)(?: for "
    r"me)?|what are you able to do|commands"
    r"|how (?:do|can) (?:i|you) (?:use (?:this|you)|work|help(?: me)?)|who are you|what "
    r"are you|what(?:['’]s| is) this",
    re.IGNORECASE,
)
_TIME: Final = re.compile(
    r"(?:what(?:['’]s| is)? (?:the )?(?:current )?time(?: is it)?|what time (?:is it|do "
    r"we have)|time)(?: now| please)?",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"what(?:['’]s| is)? (?:the |today['’]?s )?(?:current )?(?:date|day)(?: is it)?(?: "
    r"today)?|what day is (?:it|today)(?: today)?|what is today|today['’]?s date|date",
    re.IGNORECASE,
)
_NUMBER: Final = r"(-?\d{1,15}(?:[.,]\d{1,9})?)"
_SUM: Final = re.compile(
    rf"(?:(?:what(?:['’]s| is)|how much is|calculate|compute)\s+)?{_NUMBER}\s*(\+|-|−|\*|x"
    rf"|×|/|÷|plus|minus|times|divided by|% of|percent of)\s*{_NUMBER}\s*=?",
    re.IGNORECASE,
)
_FETCH: Final = re.compile(
    r"(?:get|fetch|download|open|load|request|call|read|http get)\s+(?:the )?(?:page |url "
    r"|address |site )?(?:at |from )?<?(?P<url>https?://[^\s<>]+?)>?[\s.!]*",
    re.IGNORECASE,
)
_CAN: Final = (
    ("memory.remember", "remember a fact: remember that Bob's email is bob@acme.com"),
    ("", "answer from what you told me: what is Bob's email?"),
    ("task.add", "keep to-dos: add task call Acme by friday · done with call Acme · show my tasks"),
    ("reminder.set", "remind you: remind me friday 9am to send the invoice"),
    ("note.append", "write notes: note: buy milk · add an idea to ideas.md"),
    ("file.write", "write a file: write a file plan.md saying …"),
    ("mail.send", "send a mail: send a mail to bob@acme.com about lunch: see you at noon"),
    ("", "draft a mail: draft a mail to bob@acme.com about lunch"),
    ("http.request", "fetch an address: fetch https://example.org/status"),
)
_NO_MODEL: Final = "No model is configured"
_SET_ONE: Final = (
    "To set a model, put `llm.tiers.balanced.model` (and `llm.api_key`, or "
    "`llm.api_base` for your own "
    "server) into config.yaml; the environment works too: EQUERRY_LLM__API_KEY. /help "
    "lists the commands."
)


def small_talk(ask: Ask) -> Move | None:
    """Greetings, thanks, farewells."""
    if _GREETING.fullmatch(ask.text):
        name = f" {ask.context.owner.split()[0]}" if ask.context.owner else ""
        return Say(f"Hello{name}. What can I do for you?")
    if _THANKS.fullmatch(ask.text):
        return Say("You are welcome.")
    return Say("Goodbye.") if _BYE.fullmatch(ask.text) else None


def time_and_date(ask: Ask) -> Move | None:
    """Answer `what time is it?`."""
    text = ask.text.rstrip(" ?.!")
    if _TIME.fullmatch(text):
        return Say(f"It is {ask.context.now:%H:%M}.")
    if _DATE.fullmatch(text):
        return Say(f"It is {ask.context.now:%A}, {ask.context.now.day} {ask.context.now:%B %Y}.")
    return None


def arithmetic(ask: Ask) -> Move | None:
    """Answer `what is 19 % of 240?`."""
    match = _SUM.fullmatch(re.sub(r"\s*%\s*of", " % of", ask.text.rstrip(" ?.=")))
    if match is None:
        return None
    a, b = (Decimal(match[n].replace(",", ".")) for n in (1, 3))
    try:
        result = _calculated(a, match[2].lower(), b)
    except (DivisionByZero, InvalidOperation):
        return Say("That division has no result.")
    return Say(f"{format(result.normalize(), 'f')}")


def _calculated(a: Decimal, sign: str, b: Decimal) -> Decimal:
    if sign in {"+", "plus"}:
        return a + b
    if sign in {"-", "−", "minus"}:
        return a - b
    if sign in {"*", "x", "×", "times"}:
        return a * b
    if sign in {"/", "÷", "divided by"}:
        return round(a / b, 9)
    return a * b / 100


def fetch(ask: Ask) -> Move | None:
    """`fetch https://example.org/status`."""
    match = _FETCH.fullmatch(ask.text)
    if match is None:
        return None
    args = {"method": "GET", "url": match["url"]}
    return offered(ask, Do("http.request", args, f"GET {match['url']}"))


def help_text(ask: Ask) -> Move | None:
    """Answer `what can you do?`."""
    if not _HELP.fullmatch(ask.text.rstrip(" ?.!")):
        return None
    opening = f"{_opening(ask)}, so I work with plain requests only."
    return Say(f"{opening} I can:\n{_can(ask)}{_how_to_set_one(ask)}")


def unknown(ask: Ask) -> Move:
    """Say honestly what was not understood and what would be."""
    return Say(
        f"{_opening(ask)}, so I understand plain requests only, and this is none that I "
        f"know; nothing "
        f"was done. I can:\n{_can(ask)}{_how_to_set_one(ask)}"
    )


def _opening(ask: Ask) -> str:
    return ask.context.fallback.rstrip(" .") or _NO_MODEL


def _how_to_set_one(ask: Ask) -> str:
    """Return how to set a model, where the lack of one is the reason."""
    return "" if ask.context.fallback else f"\n{_SET_ONE}"


def _can(ask: Ask) -> str:
    return bullets(text for action, text in _CAN if not action or action in ask.context.actions)


RULES: Final[tuple[Rule, ...]] = (small_talk, time_and_date, arithmetic, help_text, fetch)
