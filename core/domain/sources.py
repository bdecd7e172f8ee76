"""Where a value came from: whether it may decide anything, and whether it is the owner's own."""

from typing import Literal

from core.domain.base import Frozen
from core.domain.quoting import quoted

SourceKind = Literal[
    "owner",
    "web",
    "mail",
    "file",
    "tool",
    "chat",
    "model",
    "memory",
    "fact",
    "profile",
    "todo",
    "reminder",
    "summary",
]

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


PROVIDER = Source(kind="model", ref="provider", title="what the model's server said")
"""The words of a model's server in an error: anybody's, like those of any other server."""

OWN_WORDS = Source(kind="memory", ref="equerry", title="what Equerry itself says")
"""A text that is Equerry's to the last character: no model is told it, and its commands work."""

Taint = tuple[Source, ...]
"""The outside sources a value is derived from; empty means it may act as control."""

Private = tuple[Source, ...]
"""What of the owner's own a value is derived from; empty means that anybody may read it."""


def merged(*taints: Taint) -> Taint:
    """Return the sources of all, each once, in order of first appearance; the owner is none.

    Labels of both kinds are merged like this: what is from outside, and what is private.
    """
    seen: dict[Source, None] = {}
    for taint in taints:
        for source in taint:
            if source.outside:
                seen[source] = None
    return tuple(seen)


SENDER = Source(kind="profile", ref="owner", title="your name and company")
"""Who the owner is, as a private source: what he signs with, and no word of a search."""
