"""`memory.remember` and `memory.search`."""

from typing import Any, ClassVar

from pydantic import Field

from core.domain.cards import Impact
from core.domain.erasable import Erasable
from core.domain.events.memory import FactForgotten, FactLearned
from core.domain.ids import short_id
from core.domain.sources import merged
from core.memory.facts import relevant_facts
from core.memory.knowledge import Knowledge
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.read_models import ReadModels

ID_LENGTH = 6


class RememberArgs(ActionArgs):
    """One lasting fact in a sentence."""

    text: str = Field(min_length=1, max_length=2000)


class Remember(Action[RememberArgs]):
    """Keeps a fact with its provenance."""

    name: ClassVar[str] = "memory.remember"
    summary: ClassVar[str] = "remember a lasting fact the owner stated"
    Args = RememberArgs
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "forget"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False

    def preview(self, args: RememberArgs) -> Preview:
        """Return the fact."""
        return Preview(title="Remember a fact", body=args.text)

    async def run(self, args: RememberArgs, context: ActionContext) -> ActionResult:
        """Append `fact.learned`."""
        fact = short_id("F", context.marker, length=ID_LENGTH)
        learned = FactLearned(
            fact=fact, text=Erasable.of(args.text), by=context.goal, sources=context.sources
        )
        await context.emit(f"fact:{fact}", [learned])
        said = f"I will remember: {args.text}"
        return ActionResult(output={"id": fact, "text": args.text}, said=said, undo={"id": fact})

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Let the fact count no more."""
        await context.emit(f"fact:{undo['id']}", [FactForgotten(fact=undo["id"])])
        return ActionResult(output=undo, said=f"Fact {undo['id']} is forgotten.")


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
        return ActionResult(output={"facts": facts}, said=said, sources=sources)
