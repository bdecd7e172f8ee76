"""What was sent or forwarded, passed on by reference: `note this`, `save the file as bob.md`."""

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
_EMPTY: Final = "without readable text"


def note_it(ask: Ask) -> Move | None:
    """Note the newest text that is at hand; without one the words mean something else."""
    match = _NOTE.fullmatch(ask.text)
    hand = next((one for one in ask.context.hands if _EMPTY not in one.text), None)
    if match is None or hand is None:
        return None
    args = {"text": f"{{{{ {hand.id} }}}}"}
    if match["file"]:
        args["file"] = match["file"]
    return offered(ask, Do("note.append", args, "Note what you sent", LOOSE, passes_on=True))


RULES: Final[tuple[Rule, ...]] = (note_it,)
