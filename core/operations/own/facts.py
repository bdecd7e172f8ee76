"""`memory.remember` and `memory.search`."""

from typing import Any, ClassVar

from pydantic import Field, field_validator

from core.domain.cards import Impact
from core.domain.erasable import Erasable, refs_of
from core.domain.events.memory import FactForgotten, FactLearned
from core.domain.sources import Source, merged
from core.memory.facts import relevant_facts
from core.memory.knowledge import Knowledge
from core.memory.learning.forget_wish import is_forget_wish
from core.memory.learning.remember import FORGET_WISH, Said, learning
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels


class RememberArgs(ActionArgs):
    """One lasting fact in a sentence."""

    text: str = Field(min_length=1, max_length=2000)

    @field_validator("text")
    @classmethod
    def _states(cls, text: str) -> str:
        """Refuse a wish to forget: kept as a fact it would be the very thing it is against."""
        if is_forget_wish(text):
            raise ValueError(FORGET_WISH)
        return text


class Remember(Action[RememberArgs]):
    """Keeps a fact with its provenance."""

    name: ClassVar[str] = "memory.remember"
    summary: ClassVar[str] = "remember a lasting fact the owner stated"
    Args = RememberArgs
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "forget"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self, knowledge: Knowledge, log: EventLog, rows: ReadModels) -> None:
        """Look in what is known before learning."""
        self._knowledge, self._log, self._rows = knowledge, log, rows

    def preview(self, args: RememberArgs) -> Preview:
        """Return the fact."""
        return Preview(title="Remember a fact", body=args.text)

    async def run(self, args: RememberArgs, context: ActionContext) -> ActionResult:
        """Append `fact.learned`, and what it replaces; what is known already is only said again."""
        said = Said(args.text, context.marker, context.goal, context.now, sources=context.sources)
        found = await learning(self._knowledge, said)
        for stream, payload in found.payloads:
            await context.emit(stream, [payload])
        told = "I know that" if found.known else "I will remember"
        return ActionResult(
            output={"id": found.fact, "text": args.text},
            said=f"{told}: {found.text}",
            undo={"id": found.fact, "known": found.known, "replaced": list(found.replaced)},
        )

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Let the fact count no more, and what it replaced count again."""
        if undo.get("known"):
            return ActionResult(output=undo, said=f"Fact {undo['id']} was known before: it stays.")
        await context.emit(f"fact:{undo['id']}", [FactForgotten(fact=undo["id"])])
        for identity in undo.get("replaced", ()):
            again = await relearned(self._log, self._rows, identity)
            if again is not None:
                await context.emit(f"fact:{identity}", [again])
        return ActionResult(output=undo, said=f"Fact {undo['id']} is forgotten.")


async def relearned(log: EventLog, rows: ReadModels, fact: str) -> FactLearned | None:
    """Return the event by which a superseded fact counts again; None for one whose text is gone."""
    row = await rows.get("facts", fact)
    if row is None or row.state != "superseded":
        return None
    fields = {name: row.doc[name] for name in FactLearned.model_fields if name in row.doc}
    values = await log.values(list(refs_of(fields)))
    if row.doc["text"]["ref"] not in values:
        return None
    about = row.doc["about"]
    fields["text"] = Erasable.of(values[row.doc["text"]["ref"]])
    fields["about"] = Erasable.of(values[about["ref"]]) if about else None
    return FactLearned.model_validate({**fields, "valid_until": None})


class SearchArgs(ActionArgs):
    """What to look for."""

    query: str = Field(min_length=1, max_length=1000)


class SearchMemory(Action[SearchArgs]):
    """Searches the facts."""

    name: ClassVar[str] = "memory.search"
    summary: ClassVar[str] = "search what was remembered"
    Args = SearchArgs
    declared: ClassVar[Impact] = "none"
    control: ClassVar[frozenset[str]] = frozenset({"query"})
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def __init__(self, knowledge: Knowledge, rows: ReadModels) -> None:
        """Search what is known."""
        self._knowledge, self._rows = knowledge, rows

    def preview(self, args: SearchArgs) -> Preview:
        """Return the query."""
        return Preview(title=f"Search memory for {args.query!r}")

    async def run(self, args: SearchArgs, context: ActionContext) -> ActionResult:
        """Return the facts that fit, best first, with the outside sources they came from."""
        found = await relevant_facts(self._knowledge, self._rows, args.query)
        facts = [{"id": fact.id, "text": fact.text, "learned": fact.learned} for fact in found]
        said = "\n".join(f"- {fact.text}" for fact in found) or "I have nothing on that."
        sources = merged(*(fact.sources for fact in found))
        private = tuple(Source(kind="fact", ref=fact.id) for fact in found)
        return ActionResult(output={"facts": facts}, said=said, sources=sources, private=private)
