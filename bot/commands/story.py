"""Commands about what happened: why and undo."""

from collections.abc import Sequence

from bot.commands.answer import Answer, Block, choice
from bot.commands.naming import goal_titles, operation_title
from bot.commands.registry import Call
from core.domain.erasable import ERASED
from core.operations.undo import ask_undo, undoable
from core.ports.read_models import RowQuery
from core.telemetry.why import why

OTHERS = 9
"""One more than a message has buttons: a surface that leaves some out can say so."""
SHORT = 8


async def why_of(call: Call) -> Sequence[Block]:
    """Tell the story of a goal, card, operation or message; of the newest goal, offer others."""
    name = call.words[0] if call.words else None
    told = await why(call.app.kernel, call.conversation, name)
    if name is not None:
        return [told]
    query = RowQuery("goals", group=call.conversation, order="written", newest_first=True)
    rows = await call.app.kernel.rows.find(query, limit=OTHERS)
    others = [row.key for row in rows][1:]
    titles = await goal_titles(call.app, others)
    asked = [choice(f"Why {goal}", "why", goal, title=titles[goal]) for goal in others]
    return Answer([told], asked)


async def undo(call: Call) -> Sequence[Block]:
    """Open the card that shows what would be undone; the card asks.

    Without a name that is the newest that can be undone; what else can be is told beside it.
    """
    name = call.words[0] if call.words else None
    others = await undoable(call.app.kernel, OTHERS + 1) if name is None else []
    await ask_undo(call.app.kernel, call.conversation, name, call.by, call.key)
    await call.app.engine.wake(call.conversation)
    if len(others) < 2:  # noqa: PLR2004 - the newest is on the card
        return []
    values = await call.app.kernel.log.values([row.doc["said"]["ref"] for row in others])
    lines, choices = ["The card asks about the newest. What else can be undone:"], []
    for row in others[1:]:
        marker, said = row.key[:SHORT], str(values.get(row.doc["said"]["ref"], ERASED))
        lines.append(f"{marker}  {said}")
        title = operation_title(call.app, row, said)
        choices.append(choice(f"Undo {marker}", "undo", marker, title=title))
    return Answer(["\n".join(lines)], choices)
