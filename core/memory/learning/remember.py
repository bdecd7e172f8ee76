"""Learning one fact: what is known already is not learned twice, what it replaces is superseded.

Only a fact with the same subject and relation is replaced, and only where one value holds at a
time. What came from outside never replaces what the owner said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events import NewEvent, Payload
from core.domain.events.memory import FactKind, FactLearned, FactSuperseded
from core.domain.ids import short_id
from core.domain.sources import Taint
from core.kernel import Kernel
from core.memory.knowledge import Knowledge
from core.memory.learning.about import about_of
from core.memory.learning.forget_wish import is_forget_wish
from core.memory.learning.model import About
from core.memory.learning.rules import learned_by_rules
from core.memory.learning.values import contradicts, same_value
from core.ports.fact_index import Entry

ID_LENGTH = 6
LONGEST = 2000
FORGET_WISH = "This is a wish to forget, no fact: /forget WORDS shows what is remembered of it."


@dataclass(frozen=True, slots=True)
class Said:
    """A fact to learn, with where it comes from; `marker` decides its id."""

    text: str
    marker: str
    by: str
    at: datetime
    message: str | None = None
    kind: FactKind | None = None
    sources: Taint = ()
    project: str | None = None
    confidence: float = 1.0

    @property
    def fact(self) -> str:
        """The id: the same marker gives the same fact."""
        return short_id("F", self.marker, length=ID_LENGTH)


@dataclass(frozen=True, slots=True)
class Learning:
    """What learning comes to: `known` is the fact that says the same, `replaced` what gives way."""

    fact: str
    text: str
    known: bool
    replaced: tuple[str, ...]
    payloads: tuple[tuple[str, Payload], ...]
    """Streams and what is appended to them, in order."""


async def learning(knowledge: Knowledge, said: Said) -> Learning:
    """Return what a fact comes to, given what is known. Raises StorageError.

    What was said earlier and is learned late gives way to what was said since.
    """
    about = about_of(said.text)
    key = f"{about.subject}|{about.relation}" if about is not None else None
    same, rivals = await knowledge.facts.alike(said.text, key)
    if about is None:
        return _known(same, said) or _new(said, about, [])
    rivals = [e for e in rivals if e.id != said.fact and e.project in {None, said.project}]
    against = [e for e in rivals if contradicts(e.text, said.text, about)]
    agreeing = [e for e in rivals if about.functional and same_value(e.text, said.text)]
    later = [e for e in rivals if e.at and e.at > said.at and _gave_way(said, e)]
    return _known([*same, *agreeing, *later], said) or _new(
        said, about, [entry for entry in against if _may_replace(entry, said)]
    )


def _gave_way(said: Said, later: Entry) -> bool:
    """Whether what is learned late would have been replaced by what was said since."""
    about = about_of(later.text)
    return about is not None and contradicts(said.text, later.text, about)


def _known(entries: Sequence[Entry], said: Said) -> Learning | None:
    """Return that a fact is known, where one that counts says the same."""
    for one in entries:
        if one.id != said.fact and _vouches(one, said):
            return Learning(one.id, one.text, known=True, replaced=(), payloads=())
    return None


def _new(said: Said, about: About | None, replaced: Sequence[Entry]) -> Learning:
    learned = FactLearned(
        fact=said.fact,
        text=Erasable.of(said.text),
        by=said.by,
        message=said.message,
        sources=said.sources,
        said_at=said.at,
        valid_from=said.at,
        kind=said.kind or kind_of(said.text),
        confidence=said.confidence,
        about=Erasable.of([about.subject, about.relation]) if about is not None else None,
        project=said.project,
    )
    streams: list[tuple[str, Payload]] = [(f"fact:{said.fact}", learned)]
    for entry in replaced:
        gone = FactSuperseded(fact=entry.id, by_fact=said.fact, valid_until=said.at)
        streams.append((f"fact:{entry.id}", gone))
    ids = tuple(entry.id for entry in replaced)
    return Learning(said.fact, said.text, known=False, replaced=ids, payloads=tuple(streams))


def kind_of(text: str) -> FactKind:
    """Return the kind that a sentence has by its form; a note where it has none."""
    found = learned_by_rules(text)
    return found[0].kind if found else "note"


def _vouches(entry: Entry, said: Said) -> bool:
    """Whether a known fact makes a new one needless: not an outside one what the owner says."""
    return not entry.outside or bool(said.sources)


def _may_replace(entry: Entry, said: Said) -> bool:
    """Whether a new fact may replace a known one: not an outside one what the owner said."""
    return entry.outside or not said.sources


async def remember(
    kernel: Kernel, text: str, by: str, key: str | None = None, kind: FactKind | None = None
) -> Learning:
    """Remember what the owner says, outside any goal. Raises BadInputError.

    `key` is unique to the request: the same request twice is one fact.
    """
    text = kernel.redactor.text(" ".join(text.split()))
    if not 0 < len(text) <= LONGEST:
        message = f"A fact has 1 to {LONGEST:,} characters; this text has {len(text):,}."
        raise BadInputError(message)
    if is_forget_wish(text):
        raise BadInputError(FORGET_WISH)
    marker = key or kernel.ids.new()
    said = Said(text, marker, by, kernel.clock.now(), kind=kind)
    found = await learning(kernel.recall.knowledge, said)
    await append(kernel, found.payloads, f"remember:{marker}", "owner")
    return found


async def append(
    kernel: Kernel,
    payloads: Sequence[tuple[str, Payload]],
    key: str,
    actor: str,
    goal: str | None = None,
) -> bool:
    """Append what was learned, once per key; return whether it was new."""
    events = _events(payloads, key, actor, goal)
    return bool(events) and not (await kernel.log.append(events)).duplicate


def _events(
    payloads: Sequence[tuple[str, Payload]], key: str, actor: str, goal: str | None
) -> list[NewEvent]:
    return [
        NewEvent(stream=stream, payload=payload, goal=goal, actor=actor, key=f"{key}:{number}")
        for number, (stream, payload) in enumerate(payloads)
    ]
