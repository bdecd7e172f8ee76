"""What was sent or forwarded, passed on by reference: `note this`, `remember this document`."""

import re
from typing import Final

from adapters.offline.moves import LOOSE, Ask, Do, Move, Rule, offered

_IT: Final = (
    r"(?:this|that|it|(?P<all>these|them|all of (?:this|it|them))"
    r"|(?:the|this|that) (?:file|document|message|letter|mail|pdf|page|text)"
    r"|what (?:i|was) (?:just )?(?:sent|forwarded))"
)
_ONE: Final = _IT.replace("?P<all>", "?:")
_NOTE: Final = re.compile(
    rf"(?:note|keep|save|store|write|jot)(?: down)? {_IT}(?: down)?(?: for me)?"
    r"(?: (?:as|in|to|into|under) (?:the |my )?"
    r"(?:(?P<file>[\w-]+\.(?:md|txt))|notes?|notebook))?[\s.!]*",
    re.IGNORECASE,
)
_TAKE_IN: Final = re.compile(
    rf"(?:please )?(?:(?:remember|learn|memori[sz]e) {_ONE}|(?:take|put|add|keep) {_ONE} "
    r"(?:in|into|to) (?:your |my |the )?memory)[\s.!]*",
    re.IGNORECASE,
)
_EMPTY: Final = "without readable text"
_NEAREST: Final = ("; the owner answers it", "with this message", "")


def note_it(ask: Ask) -> Move | None:
    """Note the newest text that is at hand; without one the words mean something else."""
    match = _NOTE.fullmatch(ask.text)
    text = _meant(ask, every=bool(match["all"])) if match else ""
    if match is None or not text:
        return None
    args = {"text": text}
    if match["file"]:
        args["file"] = match["file"]
    return offered(ask, Do("note.append", args, "Note what you sent", LOOSE, passes_on=True))


def take_it_in(ask: Ask) -> Move | None:
    """Take the newest text that is at hand into memory."""
    text = _meant(ask, every=False) if _TAKE_IN.fullmatch(ask.text) else ""
    if not text:
        return None
    done = Do("memory.take_in", {"text": text}, "Remember what you sent", LOOSE, passes_on=True)
    return offered(ask, done)


def _meant(ask: Ask, *, every: bool) -> str:
    """Return references to what is meant, empty where nothing with a text is at hand.

    What is answered goes before what came with the message, and that before the newest.
    """
    hands = [one for one in ask.context.hands if _EMPTY not in one.text]
    for words in _NEAREST:
        nearest = [one for one in hands if words in one.text]
        if nearest:
            wanted = nearest[::-1] if every else nearest[:1]
            return "\n\n".join(f"{{{{ {one.id} }}}}" for one in wanted)
    return ""


RULES: Final[tuple[Rule, ...]] = (note_it, take_it_in)
