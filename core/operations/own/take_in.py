"""`memory.take_in`: a document becomes passages that are found later, each with where it stands."""

from typing import Any, ClassVar

from pydantic import Field

from core.domain.cards import Impact
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events.memory import FactForgotten, FactLearned
from core.memory.documents import Passage, chunks
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview

MOST = 2_000_000
MOST_PASSAGES = 2000


class TakeInArgs(ActionArgs):
    """A document: its text, and what it is called."""

    text: str = Field(min_length=1, max_length=MOST)
    title: str = Field(default="", max_length=200)


class TakeIn(Action[TakeInArgs]):
    """Keeps a document in passages; what it says is outside text like the document."""

    name: ClassVar[str] = "memory.take_in"
    summary: ClassVar[str] = "keep a whole document in memory"
    Args = TakeInArgs
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "forget"
    idempotent: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False
    gives_private: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def check(self, args: TakeInArgs, context: ActionContext) -> None:
        """Raise BadInputError for a text without words, and for one that is too long to keep."""
        passages(args)

    def preview(self, args: TakeInArgs) -> Preview:
        """Return all of it, and how long it is."""
        name = f" {args.title}" if args.title else ""
        return Preview(
            title=f"Take the document{name} into memory ({len(args.text):,} characters)",
            body=args.text,
        )

    async def run(self, args: TakeInArgs, context: ActionContext) -> ActionResult:
        """Append `fact.learned` for each passage; run again, the same ones."""
        found = passages(args)
        source = args.title or next((one.title or one.ref for one in context.sources), "a document")
        names = [_name(context.marker, passage) for passage in found]
        for name, passage in zip(names, found, strict=True):
            learned = FactLearned(
                fact=name,
                text=Erasable.of(passage.text),
                by=context.marker,
                sources=context.sources,
                said_at=context.now,
                kind="resource",
                source=source,
                part=passage.part,
            )
            await context.emit(f"fact:{name}", [learned])
        count = "1 passage" if len(found) == 1 else f"{len(found)} passages"
        return ActionResult(
            output={"passages": len(found), "source": source},
            said=f"Taken into memory: {count} of {source}.",
            undo={"facts": names},
        )

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Let its passages count no more."""
        for name in undo["facts"]:
            await context.emit(f"fact:{name}", [FactForgotten(fact=name)])
        return ActionResult(output=undo, said=f"{len(undo['facts'])} passages are forgotten.")


def passages(args: TakeInArgs) -> list[Passage]:
    """Return the passages of a document. Raises BadInputError for none, and for too many."""
    found = chunks(args.text, args.title)
    if len(found) > MOST_PASSAGES:
        message = (
            f"The document has {len(found):,} passages and I keep {MOST_PASSAGES:,} at the most: "
            "send it in parts."
        )
        raise BadInputError(message)
    return found


def _name(marker: str, passage: Passage) -> str:
    return f"{marker[:12]}#{passage.part}"
