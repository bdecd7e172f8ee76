"""To-dos: add, list, done."""

import re
from typing import Final

from adapters.offline.moves import (
    EXACT,
    LOOSE,
    Ask,
    CutWords,
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

_TODO: Final = r"(?:task|to-?\s?do|action item)"
_FLAGS: Final = re.IGNORECASE | re.DOTALL
_ADD: Final = (
    re.compile(
        rf"(?:add|create|make|put|new|track|log|open)(?: me)?\s+(?:an? |another |the "
        rf")?(?:new )?{_TODO}(?: item)?\b"
        r"[\s:,-]*(?:to |for me to |that |called |named |saying )?(?P<title>.+)",
        _FLAGS,
    ),
    re.compile(rf"{_TODO}s?\s*[:\-–]\s*(?P<title>.+)", _FLAGS),
    re.compile(r"to-?do\s+(?P<title>.+)", _FLAGS),
    re.compile(
        rf"(?:add|put)\s+(?P<title>.+?)\s+(?:to|on|onto|in)\s+(?:my |the )?{_TODO}s?(?: "
        rf"?list)?\s*[.!]*",
        _FLAGS,
    ),
)
_NEED: Final = re.compile(
    r"i(?:['’]ve| have)?\s+(?:really |also )?(?:need|have|must|got|gotta|ought|should|want"
    r"|['’]ll have)"
    r"(?:\s+to)?\s+(?:remember to )?(?P<title>(?!know\b|ask\b|you\b|help\b|a\b|an\b|the\b"
    r"|no\b|been\b|\w+ed\b).+)",
    _FLAGS,
)
_LIST: Final = re.compile(
    r"(?:(?:list|show|see|view|check|tell|give|read)(?: me)?(?: all)?(?: of)?|what(?:['’]s"
    r"| is| are)?"
    rf"(?: on)?|which|do i have(?: any)?)?\s*(?:my |the |all )*(?:open |current |pending "
    rf")?(?:{_TODO}s?(?: ?lists?)?|list|plate|agenda)"
    r"(?: do i have| are (?:open|there|due)| i have| left)?(?: today| this week| for "
    r"today)?\s*[.?!]*"
    r"|what (?:do|should|must) i (?:have to |need to |still have to )?do(?: today| this "
    r"week| next| now)?\s*[.?!]*",
    re.IGNORECASE,
)
_DONE: Final = (
    re.compile(
        rf"(?:mark|set|tick|check|cross|tick off|check off|cross off)\s+(?:off )?(?:the "
        rf"|my |{_TODO} )*(?P<what>.+?)"
        r"\s+(?:as |off|is )*\s*(?:done|complete|completed|finished|off)\s*[.!]*",
        _FLAGS,
    ),
    re.compile(
        rf"(?:done|finished|completed|complete|close|finish)(?: with)?[\s:,-]+(?:the |my "
        rf"|{_TODO} )*(?P<what>.+)",
        _FLAGS,
    ),
    re.compile(rf"(?:tick|check|cross) off (?:the |my |{_TODO} )*(?P<what>.+)", _FLAGS),
    re.compile(
        rf"i(?:['’]ve| have| am|['’]m)?\s+(?:just |already |now )?(?:finished|completed|did"
        rf"|done)(?: with)?\s+(?:the |my |{_TODO} )*(?P<what>.+)",
        _FLAGS,
    ),
    re.compile(
        rf"(?:the |my |{_TODO} )*(?P<what>.+?)\s+(?:is|are|was|has been)?\s*(?:now "
        rf"|already )?(?:done|finished|completed)\s*[.!]*",
        _FLAGS,
    ),
)
_PROJECT: Final = re.compile(
    r"[\s,(]+(?:(?:in|for|under|to|on)\s+(?:the )?project[:\s]+(?P<a>[\w&.-]+(?: [\w&.-]+){0,3})"
    r"|project:\s*(?P<b>[\w&. -]+)|#(?P<c>[\w-]+))\)?\s*$",
    re.IGNORECASE,
)
_DUE: Final = re.compile(
    r"(?:on|by|before|until|till|due|for|at|in|next|this|today|tomorrow|tonight|end|the|\d)\b",
    re.IGNORECASE,
)
_TIMED: Final = re.compile(
    r"\d[:h]\d|\d ?[ap]\.?m|\bat \d|o['’]?clock|noon|midday|midnight|morning|afternoon"
    r"|evening|night"
    r"|hour|min\b|minute|half|quarter|T\d\d",
    re.IGNORECASE,
)


def add_todo(ask: Ask) -> Move | None:
    """`add a task to call Acme by friday`."""
    for pattern in _ADD:
        if match := pattern.fullmatch(ask.text):
            return _added(ask, match["title"], EXACT)
    return None


def need_todo(ask: Ask) -> Move | None:
    """`i need to renew the domain by friday`."""
    match = None if ask.text.endswith("?") else _NEED.fullmatch(ask.text)
    return _added(ask, match["title"], LOOSE) if match else None


def _added(ask: Ask, title: str, confidence: float) -> Move:
    title = unquoted(title).strip(" .;")
    args: dict[str, str] = {}
    if project := _PROJECT.search(title):
        title = title[: project.start()].rstrip(" ,(")
        args["project"] = (project["a"] or project["b"] or project["c"]).strip()
    cut = ask.times.split(title)
    try:
        title, due = _due(ask, title) if not cut.left else (_bare(cut), either(ask, cut))
    except BadInputError as error:
        return Say(str(error), honest=True)
    if cut.left and not due:
        when, what = plainly(cut, title)
        return unsure(cut, f"add task {what} by {re.sub('^(?:by|on) ', '', when)}")
    if not title:
        return Say("What is the task? Write it like: add task call Acme by friday.", honest=True)
    args = {"title": capital(unquoted(title)), **({"due": due} if due else {}), **args}
    return offered(ask, Do("task.add", args, f"To-do: {title}", confidence))


def _due(ask: Ask, title: str) -> tuple[str, str]:
    """Return the title without its time, and the time: a date, or a moment where one was named."""
    cut = ask.times.split(title)
    at_edge = title.startswith(cut.words) or title.endswith(cut.words)
    if not cut.words or not cut.rest or not (at_edge or _DUE.match(cut.words)):
        return title, ""
    try:
        meant = ask.times.read(cut.words, ask.context.now, ask.context.zone)
    except UnclearTimeError as error:
        if not error.readings:
            raise
        return _bare(cut), cut.words  # whoever adds it asks, with the readings
    if meant.repeat:
        message = (
            f"A to-do does not come again, and “{cut.words}” does: say it as a reminder, like "
            f"“remind me {cut.words} to …”."
        )
        raise BadInputError(message)
    at = meant.at
    due = at.isoformat(timespec="seconds") if _TIMED.search(cut.words) else at.date().isoformat()
    return _bare(cut), due


def _bare(cut: CutWords) -> str:
    return re.sub(r"^to ", "", cut.rest)


def list_todos(ask: Ask) -> Move | None:
    """Answer `what are my tasks?`."""
    if not _LIST.fullmatch(ask.text):
        return None
    return offered(ask, Do("task.list", {}, "List the to-dos"))


def finish_todo(ask: Ask) -> Move | None:
    """`mark T34 as done`, `done with the Acme call`."""
    if ask.text.endswith("?"):
        return None
    for loose, pattern in enumerate(_DONE):
        match = pattern.fullmatch(ask.text)
        if match is None:
            continue
        what = match["what"].strip(" .!")
        found = named(what, ask.context.todos)
        if len(found) == 1:
            confidence = EXACT if found[0].id.lower() in what.lower() else LOOSE
            title = f"Done: {found[0].text}"
            return offered(ask, Do("task.done", {"id": found[0].id}, title, confidence))
        if not found and is_id("T", what):
            return offered(ask, Do("task.done", {"id": what}, f"Done: {what}"))
        if found:
            lines = bullets(f"{todo.id} {legible(todo.text)}" for todo in found)
            return Say(f"Which one? Say “mark {found[0].id} as done”.\n{lines}", honest=True)
        if loose < _FIRST_LOOSE:
            return Say(f"No open to-do matches {what!r}.", honest=True)
    return None


_FIRST_LOOSE: Final = 3
"""From this pattern of `_DONE` on a sentence only counts when it names a to-do."""

RULES: Final[tuple[Rule, ...]] = (list_todos, add_todo, finish_todo)
LATE_RULES: Final[tuple[Rule, ...]] = (need_todo,)
