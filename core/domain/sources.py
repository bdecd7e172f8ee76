"""Where a value came from, and whether it may decide anything."""

from typing import Literal

from core.domain.base import Frozen
from core.domain.quoting import quoted

SourceKind = Literal["owner", "web", "mail", "file", "tool", "chat", "model", "memory"]

_WORDS: dict[SourceKind, str] = {"web": "web page", "model": "text of the model"}


class Source(Frozen):
    """A handle on outside text: what is shown on a card and in a prompt in place of the text."""

    kind: SourceKind
    ref: str
    title: str = ""

    @property
    def outside(self) -> bool:
        """Whether text from here is tainted: everything that is not the owner's own word."""
        return self.kind != "owner"

    @property
    def told(self) -> str:
        """What it is and where; its title, which others chose, only behind that and in quotes."""
        there = f"{_WORDS.get(self.kind, self.kind)} {self.ref}"
        return f"{there} ({quoted(self.title)})" if self.title not in {"", self.ref} else there


Taint = tuple[Source, ...]
"""The outside sources a value is derived from; empty means it may act as control."""


def merged(*taints: Taint) -> Taint:
    """Return the outside sources of all, each once, in order of first appearance."""
    seen: dict[Source, None] = {}
    for taint in taints:
        for source in taint:
            if source.outside:
                seen[source] = None
    return tuple(seen)
