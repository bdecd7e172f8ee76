"""What was sent or forwarded, passed on by reference: `note this`, `remember this document`."""

import re
from typing import Final

from adapters.offline.moves import LOOSE, Ask, Do, Move, Rule, offered

_IT: Final = (
    r"(?:this|that|it|these|them"
    r"|(?:the|this|that) (?:file|document|message|letter|mail|pdf|page|text)"
    r"|what (?:i|was) (?:just )?(?:sent|forwarded))"
)
_NOTE: Final = re.compile(
    rf"(?:note|keep|save|store|write|jot)(?: down)? {_IT}(?: down)?(?: for me)?"
    r"(?: (?:as|in|to|into|under) (?:the |my )?"
    r"(?:(?P<file>[\w-]+\.(?:md|txt))|notes?|notebook))?[\s.!]*",
    re.IGNORECASE,
)
_TAKE_IN: Final = re.compile(
    rf"(?:please )?(?:(?:remember|learn|memori[sz]e) {_IT}|(?:take|put|add|keep) {_IT} "
    r"(?:in|into|to) (?:your |my |the )?memory)[\s.!]*",
    re.IGNORECASE,
)
_EMPTY: Final = "without readable text"


def note_it(ask: Ask) -> Move | None:
    """Note the newest text that is at hand; without one the words mean something else."""
    match, text = _NOTE.fullmatch(ask.text), _newest(ask)
    if match is None or text is None:
        return None
    args = {"text": text}
    if match["file"]:
        args["file"] = match["file"]
    return offered(ask, Do("note.append", args, "Note what you sent", LOOSE, passes_on=True))


def take_it_in(ask: Ask) -> Move | None:
    """Take the newest text that is at hand into memory."""
    text = _newest(ask) if _TAKE_IN.fullmatch(ask.text) else None
    if text is None:
        return None
    done = Do("memory.take_in", {"text": text}, "Remember what you sent", LOOSE, passes_on=True)
    return offered(ask, done)


def _newest(ask: Ask) -> str | None:
    """Return the reference to the newest text, None where nothing with a text is at hand."""
    hand = next((one for one in ask.context.hands if _EMPTY not in one.text), None)
    return f"{{{{ {hand.id} }}}}" if hand is not None else None


RULES: Final[tuple[Rule, ...]] = (note_it, take_it_in)
