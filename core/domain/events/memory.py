"""What lasts: facts with their provenance, versions of summaries, versions of the profile."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from core.domain.base import Frozen
from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.sources import Taint

FactKind = Literal[
    "note", "preference", "person", "decision", "outcome", "resource", "turn", "passage"
]
"""`turn`: what somebody said, word for word; `passage`: a piece of a document."""


class FactLearned(Payload):
    """Something lasting was learned, with provenance.

    `by` is the goal it was learned in, or how it came in (`ingest`, `import`, `command`);
    `message` the message it was said in; `source` the talk or document it stands in and `part` its
    place in there. `about` holds [subject, relation] where both are known: only a fact about the
    same may supersede it. `said_at` is when it was said, `valid_from` and `valid_until` when it
    holds. `label` is what another program calls it: data that `memory search` returns, which names
    nothing here.
    """

    wire: ClassVar[str] = "fact.learned.v1"
    fact: str
    text: Erasable
    by: str
    message: str | None = None
    sources: Taint = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    said_at: datetime | None = None
    speaker: str | None = None
    kind: FactKind = "note"
    confidence: float = Field(default=1.0, ge=0, le=1)
    about: Erasable | None = None
    project: str | None = None
    source: str | None = None
    part: int | None = None
    label: str | None = None


class FactForgotten(Payload):
    """A fact no longer counts; its text is erased where the owner asked for that.

    `messages` are those whose text was erased with it, because they said the same.
    """

    wire: ClassVar[str] = "fact.forgotten.v1"
    fact: str
    erased: bool = False
    messages: tuple[str, ...] = ()


class FactSuperseded(Payload):
    """A fact was replaced by a newer one about the same; it held until `valid_until`."""

    wire: ClassVar[str] = "fact.superseded.v1"
    fact: str
    by_fact: str
    valid_until: datetime | None = None


class SummaryUpdated(Payload):
    """A working summary has a new version; `text` is Markdown.

    `scope` is `conversation:ID` or `project:NAME`. It tells of the events after position `after`
    up to `until`; `events` are the ids of those that it was made from, beside the version before.
    """

    wire: ClassVar[str] = "summary.updated.v1"
    scope: str
    version: int
    text: Erasable
    after: int
    until: int
    events: tuple[str, ...] = ()
    made_by: Literal["model", "rules"] = "rules"
    call: str | None = None
    sources: Taint = ()


class SummaryRolledBack(Payload):
    """The summary is again what it was in version `to`; `version` is the number it has now."""

    wire: ClassVar[str] = "summary.rolled_back.v1"
    scope: str
    version: int
    to: int
    by: str


class FieldChange(Frozen):
    """A field of the profile with its new value, null: it is empty now."""

    field: str
    value: Erasable


class ProfileChanged(Payload):
    """The owner's profile has a new version; `rolled_back_to` names the version it equals again."""

    wire: ClassVar[str] = "profile.changed.v1"
    version: int
    changes: tuple[FieldChange, ...]
    by: str
    reason: str = ""
    rolled_back_to: int | None = None
    sources: Taint = ()
