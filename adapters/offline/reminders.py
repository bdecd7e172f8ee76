"""Reminders: set, list, cancel."""

import re
from typing import Final

from adapters.offline.moves import (
    EXACT,
    LOOSE,
    Ask,
    Do,
    Move,
    Rule,
    Say,
    either,
    offered,
    plainly,
    unsure,
)
from adapters.offline.wording import bullets, capital, is_id, named, unquoted
from core.domain.errors import BadInputError, UnclearTimeError
from core.domain.spoken import legible

_SET: Final = re.compile(
    r"(?:(?:set|make|add|create|put|schedule)(?: up)?(?: me)?(?: an?| another| the)? (?:new )?"
    r"(?:reminder|alarm)(?: for me)?|(?:please )?remind(?: me)?|(?:new )?reminder|(?:ping"
    r"|nudge|alert|notify) me"
    r"|(?:do not|don['’]?t) let me forget|(?:do not|don['’]?t) forget(?= to)|remember(?= to))"
    r"\b[\s:,-]*(?P<body>.*)",
    re.IGNORECASE | re.DOTALL,
)
_WAKE: Final = re.compile(r"wake me(?: up)?\s+(?P<body>.*)", re.IGNORECASE | re.DOTALL)
_LIST: Final = re.compile(
    r"(?:(?:list|show|see|view|check|tell|give|read)(?: me)?(?: all)?(?: of)?|what(?:['’]s"
    r"| are| is)?"
    r"|which|do i have(?: any)?)?\s*(?:my |the |all )*(?:open |active |upcoming |current "
    r"|pending )?"
    r"reminders(?: do i have| have i set| are (?:set|open|there)| i have| list)?\s*[.?!]*",
    re.IGNORECASE,
)
_CANCEL: Final = re.compile(
    r"(?:cancel|delete|remove|drop|clear|stop|turn off)\s+(?:the |my |that |this )*"
    r"(?:(?:reminder|alarm)s?\b[\s:,-]*(?:about |to |for |of |on |that )?(?P<after>.*)"
    r"|(?P<before>.+?) (?:reminder|alarm)|(?P<id>\w+))\s*[.!]*",
    re.IGNORECASE | re.DOTALL,
)
_JOIN: Final = re.compile(
    r"^(?:[\s,:;-]*\b(?:me )?(?:to|that|about|of|for)\b\s+|[\s,:;-]+)", re.IGNORECASE
)
_HOW: Final = "Write it like: remind me friday 9am to send the invoice."


def set_reminder(ask: Ask) -> Move | None:
    """`remind me friday 9am to send the invoice`."""
    match = _SET.fullmatch(ask.text)
    wake = _WAKE.fullmatch(ask.text)
    if match is None and wake is None:
        return None
    cut = ask.times.split(unquoted((match or wake)["body"]))  # type: ignore[index]
    text = "Wake up" if wake else unquoted(_JOIN.sub("", cut.rest).strip(" .,;:?!"))
    words = either(ask, cut) if cut.left else cut.words
    if cut.left and not words:
        when, what = plainly(cut, text)
        return unsure(cut, f"remind me {when} to {what}")
    if not words:
        return _without_time(ask, text)
    if not text:
        return Say(f"What should I remind you of? {_HOW}", honest=True)
    try:
        args = {"text": text, **_when(ask, words)}
    except BadInputError as error:
        return Say(str(error), honest=True)
    return offered(ask, Do("reminder.set", args, f"Remind: {text}", EXACT))


def _when(ask: Ask, words: str) -> dict[str, str]:
    """Return the arguments that say when; words with two readings stay, whoever sets it asks."""
    try:
        meant = ask.times.read(words, ask.context.now, ask.context.zone)
    except UnclearTimeError as error:
        if not error.readings:
            raise
        return {"at": words}
    if meant.at <= ask.context.now:
        message = f"{capital(words)} has already passed. {_HOW}"
        raise BadInputError(message)
    args = {"at": meant.at.isoformat(timespec="seconds")}
    return {**args, "repeat": meant.repeat} if meant.repeat else args


def _without_time(ask: Ask, text: str) -> Move:
    """`remember to …` without a time is a to-do; a reminder without one is asked about."""
    if text and re.match(
        r"remember|(?:do not|don['’]?t) (?:let me )?forget", ask.text, re.IGNORECASE
    ):
        return offered(ask, Do("task.add", {"title": capital(text)}, f"To-do: {text}", LOOSE))
    return Say(f"When should I remind you? {_HOW}", honest=True)


def list_reminders(ask: Ask) -> Move | None:
    """`show my reminders`."""
    if not _LIST.fullmatch(ask.text):
        return None
    return offered(ask, Do("reminder.list", {}, "List the reminders"))


def cancel_reminder(ask: Ask) -> Move | None:
    """`cancel the reminder about the invoice`."""
    match = _CANCEL.fullmatch(ask.text)
    if match is None:
        return None
    query = (match["after"] or match["before"] or match["id"] or "").strip(" .!?")
    reminders = ask.context.reminders
    if is_id("R", query):
        return offered(ask, Do("reminder.cancel", {"id": query}, f"Cancel the reminder {query}"))
    if match["id"] and query.upper() not in {reminder.id.upper() for reminder in reminders}:
        return None
    found = named(query, reminders) if query else reminders
    if len(found) == 1:
        title = f"Cancel the reminder {found[0].id}"
        confidence = EXACT if found[0].id.lower() in query.lower() else LOOSE
        return offered(ask, Do("reminder.cancel", {"id": found[0].id}, title, confidence))
    if not found:
        return Say(
            f"No reminder matches {query!r}." if query else "No reminder is set.", honest=True
        )
    lines = bullets(f"{reminder.id} {legible(reminder.text)}" for reminder in found)
    return Say(f"Which one? Say “cancel reminder {found[0].id}”.\n{lines}", honest=True)


RULES: Final[tuple[Rule, ...]] = (list_reminders, cancel_reminder, set_reminder)
