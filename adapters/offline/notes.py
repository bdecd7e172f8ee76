"""Notes and files: append to a note, write a file."""

import re
from typing import Final

from adapters.offline.moves import EXACT, LOOSE, Ask, Do, Move, Rule, Say, offered
from adapters.offline.wording import unquoted

_FLAGS: Final = re.IGNORECASE | re.DOTALL
_PATH: Final = r"[\"“'`]?(?P<path>[\w./\\-]*[\w-]\.[A-Za-z][A-Za-z0-9]{0,7})[\"”'`]?"
_FILE: Final = r"[\"“'`]?(?P<file>[\w./\\-]*[\w-]\.[A-Za-z][A-Za-z0-9]{0,7})[\"”'`]?"
_WRITE: Final = (
    re.compile(
        rf"(?:write|create|make|save)(?: me)?\s+(?:an? |the )?(?:new )?(?:text )?(?:file "
        rf")?(?:called |named )?{_PATH}"
        r"[\s,]*(?::|with(?: the)?(?: following)?(?: text| content| contents)?\b:?"
        r"|saying\b:?|containing\b:?"
        r"|that says\b:?|which says\b:?|and (?:write|put)\b)\s*(?P<text>.+)",
        _FLAGS,
    ),
    re.compile(
        rf"(?:write|save|put)\s+(?P<text>.+?)\s+(?:to|into|in)\s+(?:an? |the )?(?:new "
        rf")?(?:file )?(?:called |named )?{_PATH}\s*[.!]*",
        _FLAGS,
    ),
)
_NOTE: Final = (
    re.compile(
        r"(?:(?:make|take|add|write|create|save|leave)(?: me)?\s+(?:an? |another )?(?:new "
        r"|quick )?note"
        r"|new note|note)\s+(?:in|to|into|under)\s+(?:the |my )?(?:file )?(?!self\b)"
        rf"(?:{_FILE}|(?P<topic>[\w-]+)(?: notes?| list)?)\s*(?:[:,]|that\b"
        rf"|saying\b)\s*(?P<text>.+)",
        _FLAGS,
    ),
    re.compile(
        r"(?:make|take|add|write|create|save|leave)(?: me)?\s+(?:an? |another )?(?:new "
        r"|quick )?note\s*"
        rf"(?:saying|that says|that|:)\s*(?P<text>.+?)\s+(?:to|in|into|under)\s+(?:the |my "
        rf")?(?:file )?{_FILE}\s*[.!]*",
        _FLAGS,
    ),
    re.compile(
        r"(?:add|append|write|put)\s+(?:this\s+)?(?:to|in|into)\s+(?:the |my )?(?:file )?"
        rf"(?:{_FILE}|(?:(?P<topic>[\w-]+) )?(?:notes?|notebook|list))\s*:\s*(?P<text>.+)",
        _FLAGS,
    ),
    re.compile(
        r"(?!write\b.*\s(?:to|in|into)\s+(?:an? )?(?:new )?(?:text )?file\s)"
        rf"(?:add|append|put|note(?: down)?|write|jot(?: down)?)\s+(?P<text>.+?)\s+(?:to|in"
        rf"|into|on)\s+(?:the |my )?(?:file )?"
        rf"(?:{_FILE}|(?:(?P<topic>[\w-]+) )?(?:notes?|notebook)(?: file)?)\s*[.!]*",
        _FLAGS,
    ),
    re.compile(
        r"(?:note to self|(?:make|take|add|write|create|save|leave)(?: me)?\s+(?:an? "
        r"|another )?(?:new |quick )?note"
        r"|new note)\b[\s:,-]*(?:of |that |to |saying |about )?(?P<text>.+)",
        _FLAGS,
    ),
    re.compile(
        r"(?:write|jot|note|take|put)(?: (?:this|that|it))?\s+down\b[\s:,-]*(?:that )?(?P<text>.+)",
        _FLAGS,
    ),
    re.compile(r"notes?\s*[:\-–]\s*(?P<text>.+)", _FLAGS),
    re.compile(r"note\s+(?!that\b)(?P<text>.+)", _FLAGS),
)
_LIST: Final = re.compile(
    r"(?:add|put)\s+(?P<text>.+?)\s+(?:to|on|onto)\s+(?:the |my )?(?P<topic>[\w-]+) list\s*[.!]*",
    _FLAGS,
)


def write_file(ask: Ask) -> Move | None:
    """`write a file plan.md saying …`."""
    for pattern in _WRITE:
        if match := pattern.fullmatch(ask.text):
            args = {"path": match["path"].replace("\\", "/"), "text": unquoted(match["text"])}
            return offered(ask, Do("file.write", args, f"Write {args['path']}", EXACT))
    return None


def append_note(ask: Ask) -> Move | None:
    """`note: buy milk`, `add … to ideas.md`, `note in shopping: …`."""
    for pattern in _NOTE:
        if match := pattern.fullmatch(ask.text):
            return _noted(ask, match, EXACT)
    match = _LIST.fullmatch(ask.text)
    return _noted(ask, match, LOOSE) if match else None


def _noted(ask: Ask, match: re.Match[str], confidence: float) -> Move:
    text = unquoted(match["text"])
    groups = match.groupdict()
    file = groups.get("file") or ""
    if topic := groups.get("topic"):
        file = f"{topic.lower()}.md"
    if not text:
        return Say("What should the note say? Write it like: note: buy milk.", honest=True)
    args = {"text": text}
    if file := _within_notes(file):
        args["file"] = file
    return offered(ask, Do("note.append", args, f"Note: {text[:80]}", confidence))


def _within_notes(file: str) -> str:
    """Return the path below the folder of notes, which people write or leave out."""
    return file.replace("\\", "/").removeprefix("./").removeprefix("notes/")


RULES: Final[tuple[Rule, ...]] = (append_note, write_file)
