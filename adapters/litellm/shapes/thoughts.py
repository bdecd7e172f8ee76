"""What a model thinks is not what it says: thoughts, and the tokens of its template, are left out.

Servers that do not part the two leave them in the text, in the markup of the model's family. A text
that only speaks of such markup keeps it: in a fence, in backticks, or in the middle of a line.
"""

import json
import re
from typing import Final

from core.domain.errors import BadInputError
from core.domain.templates import reworded
from core.domain.whole_text import read_json

_TAGS: Final = r"(?:think|thinking|thoughts?|reasoning|seed:think|antml:thinking)"
_OPENS: Final = (
    rf"(?P<tag><(?P<name>{_TAGS})>)"
    r"|(?P<token>\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>|<\|channel>thought\b)"
    r"|(?P<channel><\|channel\|>analysis\s*<\|message\|>)"
)
_CLOSES: Final = (
    rf"</{_TAGS}>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>|<channel\|>"
)
_CHANNEL_ENDS: Final = re.compile(r"<\|end\|>|(?=<\|start\|>|<\|channel\|>)")
_ENDS: Final = re.compile(_CLOSES, re.IGNORECASE)
_DROPPED: Final = (
    r"<\|start\|>assistant|<\|im_start\|>assistant\n?|<\|end\|>|<\|return\|>"
    r"|<\|channel\|>(?:final|commentary)\s*<\|message\|>"
    r"|<\|(?:begin|end)_of_solution\|>|<\|(?:START|END)_RESPONSE\|>"
)
_OVER: Final = (
    r"<\|(?:im_end|eot_id|eom_id|endoftext|end_of_text|END_OF_TURN_TOKEN|user|assistant)\|>"
    r"|<end_of_turn>|<｜end▁of▁sentence｜>"
)
_MARK: Final = re.compile(
    rf"{_OPENS}|(?P<answer><answer>)|(?P<close>{_CLOSES})|(?P<dropped>{_DROPPED})|(?P<over>{_OVER})",
    re.IGNORECASE,
)
_LONGEST_CLOSE: Final = 24
_MAY_BECOME_ONE: Final = re.compile(
    r"(?:<\|channel\|>[^<\n]{0,20}(?:<[\w|]{0,10})?|<[/|｜]?[\w:|▁｜]{0,24}>?|\[/?[A-Z]{0,5}"
    r"|◁[^▷\n]{0,8}|<\|start\|>[a-z]{0,9})\s*$"
)
_LAST: Final = re.compile(r"\s*</?s>\s*$|\s*</answer>\s*$")
_STRIPPED_CHANNELS: Final = re.compile(r"analysis.*?assistant(?:final|(?=commentary))", re.DOTALL)
_THINKS_ALOUD: Final = (
    *("okay", "ok,", "alright", "hmm", "so,", "so the", "first,", "let me", "let's", "wait"),
    *("we need", "we should", "we have", "i need to", "i should", "the user", "user ", "got it"),
    *("thinking", "analysis", "here's a thinking", "好的", "嗯", "用户", "首先"),
)
"""How thoughts begin, where their opening mark is a part of the prompt and so never arrives."""


class Said:
    """What is said of a text that arrives in pieces."""

    def __init__(self, *, thinks_first: bool = False) -> None:
        """Take whether the model is known to think first, without a mark."""
        self.unopened = False
        """Whether a thought ended that had not begun."""
        self._held = self._decided = thinks_first
        self._rest = ""
        self._closes: re.Pattern[str] | None = None
        self._over = False
        self._line = ""
        self._fenced = False
        self._spoken_of = 0
        self._kept: list[str] = []
        self._handed = 0

    @property
    def text(self) -> str:
        """All that is said so far."""
        return "".join(self._kept)

    def take(self, piece: str) -> str:
        """Return what more can be shown after a piece."""
        self._rest += piece
        self._work_off(last=False)
        return self._shown()

    def end(self) -> str:
        """Return the rest; a thought that was never ended is none of it."""
        self._work_off(last=True)
        whole = self.text
        said = _LAST.sub("", _STRIPPED_CHANNELS.sub("", whole) if _aside(whole) else whole)
        if said != whole:
            self._kept = [said]
            self._handed = min(self._handed, len(said))
        self._held, self._decided = False, True
        return self._shown()

    def _work_off(self, *, last: bool) -> None:
        while self._rest and self._step():
            pass
        if self._closes is not None:
            self._rest = "" if last else self._rest[-_LONGEST_CLOSE:]
            return
        cut = None if last else _MAY_BECOME_ONE.search(self._rest)
        self._keep(self._rest[: cut.start()] if cut else self._rest)
        self._rest = self._rest[cut.start() :] if cut else ""

    def _step(self) -> bool:
        """Work off one mark; return whether there was one."""
        if self._over:
            self._rest = ""
            return False
        if self._closes is not None:
            found = self._closes.search(self._rest)
            if found is None:
                return False
            self._closes, self._rest = None, self._rest[found.end() :]
            return True
        found = _MARK.search(self._rest)
        if found is None:
            return False
        self._keep(self._rest[: found.start()])
        self._rest = self._rest[found.end() :]
        self._act(found)
        return True

    def _act(self, mark: re.Match[str]) -> None:
        before = self._line if mark["tag"] else self.text if mark["answer"] else ""
        spoken_of = bool(before.strip())
        if self._fenced or self._line.endswith("`") or spoken_of:
            self._spoken_of += bool(mark["tag"])
            self._keep(mark[0])
        elif mark["close"] and self._spoken_of:
            self._spoken_of -= 1
            self._keep(mark[0])
        elif mark["channel"]:
            self._closes = _CHANNEL_ENDS
        elif mark["tag"] or mark["token"]:
            self._closes = _ENDS
        elif mark["close"]:
            self._take_back()
        elif mark["over"] and (mark[0] != "<|assistant|>" or self.text.strip()):
            self._over = True

    def _take_back(self) -> None:
        """Drop all before the end of a thought whose beginning did not arrive."""
        self.unopened = True
        self._kept, self._handed, self._line = [], 0, ""
        self._held, self._decided = False, True

    def _keep(self, text: str) -> None:
        if not self._kept:
            text = text.lstrip("\n")
        if not text:
            return
        self._kept.append(text)
        line = (self._line + text).rpartition("\n")[2]
        if (self._line + text).count("```") % 2:
            self._fenced = not self._fenced
        self._line = line if "```" not in line else line.replace("```", "")

    def _shown(self) -> str:
        whole = self.text
        if not self._decided:
            self._held = _thinks_aloud(whole)
            self._decided = bool(whole.strip()) and not self._held
        if self._held:
            return ""
        more, self._handed = whole[self._handed :], len(whole)
        return more


def _thinks_aloud(text: str) -> bool:
    begun = text.lstrip().casefold()
    return any(begun.startswith(one) or one.startswith(begun) for one in _THINKS_ALOUD if begun)


def _aside(text: str) -> bool:
    """Return whether a text is a thought by its channel, the tokens around it left out."""
    return text.startswith("analysis") and "assistant" in text


def said_of(text: str) -> str:
    """Return what is said of a whole text."""
    said = Said()
    said.take(text)
    said.end()
    return said.text


def without_thoughts(arguments: str) -> str:
    """Return the JSON of a call without thoughts at the beginning of its texts."""
    if not re.search(rf"<{_TAGS}>|\[THINK\]|◁think▷", arguments, re.IGNORECASE):
        return arguments
    try:
        value = read_json(arguments)
    except BadInputError:
        return arguments
    return json.dumps(reworded(value, _without_first), ensure_ascii=False)


def _without_first(text: str) -> str:
    found = _MARK.match(text.lstrip())
    ends = _ENDS.search(text) if found is not None and (found["tag"] or found["token"]) else None
    return text if ends is None else text[ends.end() :].lstrip()
