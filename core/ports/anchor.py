"""Where the log stood, kept outside the database and signed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, Protocol

from pydantic import Field

from core.domain.base import Frozen

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Mark(Frozen):
    """A place in a log: position and hash of an event, and when it was appended.

    `log` is the hash of the log's first event, which tells one log from another.
    """

    log: Hash
    position: int = Field(ge=1)
    hash: Hash
    at: str


class Doubt(Frozen):
    """A log that did not fit its anchor, until the owner says that it is meant to be so.

    `mark` is what the anchor said, `ended` the position at which the log ended then, `found` the
    time of that.
    """

    mark: Mark
    why: Literal["behind", "differs", "other", "unsigned"]
    ended: int
    found: str


class Anchored(Frozen):
    """What an anchor holds."""

    mark: Mark
    doubts: tuple[Doubt, ...] = ()


class Kept(StrEnum):
    """How the place of the anchor was found."""

    ABSENT = "absent"
    SIGNED = "signed"
    UNSIGNED = "unsigned"
    """It has the form of an anchor, and a signature that this user's key did not make."""
    FOREIGN = "foreign"
    """Something that is no anchor is there: it is left alone."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found at the place of the anchor, and in the copy beside the key.

    The copy is what an anchor that is deleted, or replaced by an older one, is noticed by.
    `trouble` says in a sentence why the place cannot be used, `token` tells whether it changed.
    """

    kept: Kept
    anchored: Anchored | None = None
    copy: Anchored | None = None
    trouble: str = ""
    token: str = ""


class Anchor(Protocol):
    """Keeps one `Anchored`, and the same again where only the user can write."""

    @property
    def place(self) -> str:
        """Where it is kept, for people."""
        ...

    async def load(self) -> Seen:
        """Return what is there; whatever is wrong with it is in the answer."""
        ...

    async def swap(self, seen: Seen, new: Anchored) -> Seen | None:
        """Replace what was seen, durable on return; None where it changed since.

        What is FOREIGN stays, and the copy alone is written.
        Raises StorageError when the place cannot be written; the copy may be new then.
        """
        ...
