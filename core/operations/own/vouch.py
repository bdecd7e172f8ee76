"""`memory.vouch`: what a file brought into memory becomes the owner's own word, by a card only.

Files say what they like of themselves. Until the owner has said on a card that a file is his own,
its facts and summaries are outside text, and a profile in it is not in use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field

from core.domain.canonical import canonical, sha256
from core.domain.cards import Impact
from core.domain.erasable import Erasable, refs_of
from core.domain.errors import RefusedError
from core.domain.events.memory import FactLearned, SummaryUpdated
from core.domain.sources import Source, Taint
from core.memory.profile.book import Author, ProfileBook
from core.memory.profile.edits import difference, with_values
from core.memory.provenance import IMPORT, INGEST, fact_sources
from core.memory.summaries.bullets import fitted, parse, render
from core.memory.summaries.rules import merged
from core.memory.summaries.scopes import stream_of
from core.memory.summaries.versions import Version, Versions
from core.memory.turns import CHARS_PER_TOKEN
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, Row, RowQuery

SHOWN = 2000
"""Facts and points whose words the card holds: those of years of an ordinary export. What does
not fit into a message stands in the file with it; how many more there are is said."""
SUMMARY_TOKENS = 1600
"""As long as the compactor lets a summary become."""
OWNER = frozenset({"owner", "me", "i"})
"""What a talk calls its owner, beside the owner's name."""


class VouchArgs(ActionArgs):
    """What would be taken as the owner's word: the file, its facts and summaries, its profile.

    `digest` binds the card to exactly these facts and summaries.
    """

    ref: str = Field(min_length=1)
    title: str = Field(min_length=1)
    facts: int = 0
    outside: int = 0
    summaries: int = 0
    texts: tuple[str, ...] = ()
    more: int = 0
    digest: str
    profile: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file brought: facts to vouch for, how many stay outside, its newest summaries."""

    facts: Sequence[Row]
    outside: int
    summaries: Sequence[Version]

    @property
    def digest(self) -> str:
        """The same for the same facts and summaries; each keeps its text as long as its name."""
        facts = sorted(row.key for row in self.facts)
        summaries = sorted(f"{one.scope} {one.version}" for one in self.summaries)
        return sha256(canonical([facts, summaries]))[:16]


class Vouching:
    """Finds what a file brought."""

    def __init__(self, log: EventLog, rows: ReadModels, profiles: ProfileBook) -> None:
        """Look in the read models; the profile tells the owner's name."""
        self.log, self._rows, self.profiles = log, rows, profiles
        self.versions = Versions(log, rows)

    async def brought(self, ref: str, vouched: str = "") -> Brought:
        """Return what has the source `ref`; also what the goal `vouched` vouched for already."""
        known = await self._rows.find(RowQuery("facts", states=frozenset({"known"})), limit=None)
        came = [row for row in known if _came(row.doc, ref) or row.doc["by"] == vouched]
        own = [row for row in came if self._is_own(row.doc, ref)]
        return Brought(own, len(came) - len(own), await self._summaries(ref))

    async def args(self, source: Source, profile: Mapping[str, Any]) -> VouchArgs:
        """Return what a card asks for the file of a source, with the profile that it holds."""
        found = await self.brought(source.ref)
        first = found.facts[:SHOWN]
        values = await self.log.values([row.doc["text"]["ref"] for row in first])
        facts = [_flat(values.get(row.doc["text"]["ref"], "")) for row in first]
        points = [bullet.line for one in found.summaries for bullet in parse(one.text)]
        texts = (*facts, *points)[:SHOWN]
        return VouchArgs(
            ref=source.ref,
            title=source.title,
            facts=len(found.facts),
            outside=found.outside,
            summaries=len(found.summaries),
            texts=texts,
            more=len(found.facts) + len(points) - len(texts),
            digest=found.digest,
            profile=dict(profile),
        )

    def _is_own(self, fact: Mapping[str, Any], ref: str) -> bool:
        """Whether nobody else said it: no further source, and no speaker but the owner."""
        if _without(fact_sources(fact), ref):
            return False
        speaker = str(fact["speaker"] or "").casefold()
        return not speaker or speaker in OWNER | {self.profiles.live.name.casefold()}

    async def _summaries(self, ref: str) -> list[Version]:
        """Return of each scope the newest version that came from the file."""
        query = RowQuery("summaries", states=frozenset({"version"}))
        newest: dict[str, int] = {}
        for row in await self._rows.find(query, limit=None):
            if any(source["ref"] == ref for source in row.doc["sources"]):
                scope = str(row.doc["scope"])
                newest[scope] = max(newest.get(scope, 0), int(row.doc["version"]))
        found = [await self.versions.get(scope, number) for scope, number in newest.items()]
        return [one for one in found if not one.erased]


class Vouch(Action[VouchArgs]):
    """Takes what a file brought as the owner's own words; always asked."""

    name: ClassVar[str] = "memory.vouch"
    summary: ClassVar[str] = "take what a file brought into memory as your own words"
    Args = VouchArgs
    declared: ClassVar[Impact] = "high"
    control: ClassVar[frozenset[str]] = frozenset(VouchArgs.model_fields)
    idempotent: ClassVar[bool] = True
    internal: ClassVar[bool] = True
    always_ask: ClassVar[str | None] = "origin: only you can say that a file holds your own words"
    quotes_others: ClassVar[bool] = False
    timeout_s: ClassVar[float] = 1800.0
    """An event a fact: some milliseconds each, for up to hundreds of thousands."""

    def __init__(self, vouching: Vouching) -> None:
        """Look up and vouch through `vouching`."""
        self._vouching = vouching

    def preview(self, args: VouchArgs) -> Preview:
        """Return what would count as the owner's word, and every field of the profile."""
        return Preview(
            title=f"Is {args.title} your own? Take its words as yours",
            body="\n".join([*self._counts(args), *self._profile(args), *_words(args)]),
        )

    def _counts(self, args: VouchArgs) -> list[str]:
        named = ((args.facts, "fact"), (args.summaries, "summary"))
        counts = [_count(number, what) for number, what in named if number]
        told = [f"{' and '.join(counts)}: may then decide like your own words."] if counts else []
        if args.outside:
            told.append(f"{_count(args.outside, 'fact')} that others said: outside text as before.")
        return told

    def _profile(self, args: VouchArgs) -> list[str]:
        now = self._vouching.profiles.live.current
        lines = difference(now, with_values(now, args.profile), whole=True) if args.profile else []
        return ["Your profile would change:", *(f"- {line}" for line in lines)] if lines else []

    def settled(self, args: VouchArgs, context: ActionContext) -> VouchArgs:
        """Raise BadInputError for a profile that cannot be."""
        with_values(self._vouching.profiles.live.current, args.profile)
        return args

    async def run(self, args: VouchArgs, context: ActionContext) -> ActionResult:
        """Learn the facts anew without the file as their source, and change the profile.

        Raises RefusedError where the file brought something else since the card was made.
        """
        found = await self._vouching.brought(args.ref, context.goal)
        if found.digest != args.digest:
            message = f"What came from {args.title} has changed since: ask again, memory vouch."
            raise RefusedError(message)
        for row in found.facts:
            await self._learn_anew(row, args.ref, context)
        for version in found.summaries:
            await self._renew(version, args.ref, context)
        lines = await self._change_profile(args, context)
        told = [_count(len(found.facts), "fact"), _count(len(found.summaries), "summary")]
        said = f"Taken as your own words: {', '.join(told)} of {args.title}."
        return ActionResult(
            output={"facts": len(found.facts), "profile": lines}, said=" ".join([said, *lines])
        )

    async def _learn_anew(self, row: Row, ref: str, context: ActionContext) -> None:
        values = await self._vouching.log.values(list(refs_of(row.doc)))
        text = values.get(row.doc["text"]["ref"])
        if text is None:
            return
        about = row.doc["about"]
        fields = {name: row.doc[name] for name in FactLearned.model_fields if name in row.doc}
        fields["text"] = Erasable.of(text)
        fields["about"] = Erasable.of(values[about["ref"]]) if about else None
        fields["sources"] = _without(fact_sources(row.doc), ref)
        fields["by"] = context.goal
        await context.emit(f"fact:{row.key}", [FactLearned.model_validate(fields)])

    async def _renew(self, imported: Version, ref: str, context: ActionContext) -> None:
        """Append the imported points as the owner's, with what was summarised here since."""
        current = await self._vouching.versions.current(imported.scope)
        if current is None:
            return
        points = parse(imported.text)  # as they stood on the card, and nothing else of the file
        if current.version != imported.version:
            points = merged(points, parse(current.text))
        text = render(fitted(points, SUMMARY_TOKENS * CHARS_PER_TOKEN))
        payload = SummaryUpdated(
            scope=imported.scope,
            version=current.version + 1,
            text=Erasable.of(text),
            after=current.until,
            until=current.until,
            events=imported.events,
            made_by=imported.made_by,
            sources=_without(imported.sources, ref),
        )
        await context.emit(stream_of(imported.scope), [payload])

    async def _change_profile(self, args: VouchArgs, context: ActionContext) -> list[str]:
        if not args.profile:
            return []
        author = Author(
            by="owner",
            key=f"emit:{context.marker}:profile:0",
            reason=args.title,
            goal=context.goal,
            actor="executor",
            anew=True,
        )
        written = await self._vouching.profiles.change(
            lambda now: with_values(now, args.profile), author
        )
        if written is None:
            return []
        return [f"Your profile has version {written.version}: {'; '.join(written.lines)}."]


def _words(args: VouchArgs) -> list[str]:
    beyond = [f"… and {args.more:,} more: /memory and /summary show them."] if args.more else []
    return [*(f"- {text}" for text in args.texts), *beyond]


def _flat(text: object) -> str:
    """Return the whole of a text on one line: what is agreed to is not cut."""
    return " ".join(str(text).split())


def _came(fact: Mapping[str, Any], ref: str) -> bool:
    handed_in = fact["by"] in {INGEST, IMPORT}
    return handed_in and any(source.ref == ref for source in fact_sources(fact))


def _without(sources: Taint, ref: str) -> Taint:
    return tuple(source for source in sources if source.ref != ref)


def _count(number: int, what: str) -> str:
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else many}"
