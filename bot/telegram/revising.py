"""A message that its owner edited: only what has not happened yet is done anew."""

from contextlib import suppress
from dataclasses import replace

from adapters.telegram.incoming import Said
from adapters.telegram.places import CHANNEL
from bot.app import App
from core.domain.errors import UnknownThingError
from core.goals.intake import intake_key, message_name
from core.goals.stop import stop_goals
from core.ports.read_models import RowQuery
from core.projections.goals import OPEN

DONE = frozenset({"finished"})


async def revise(app: App, said: Said) -> tuple[Said, str | None]:
    """Stop what the first form of a message began; return what is to be done in its place.

    What was sent with it, as one turn, is done anew with it. Where something was done already,
    nothing is done again: the sentence that comes with it says so.
    """
    rows = app.kernel.rows
    first = intake_key(CHANNEL, said.name)
    row = await rows.get("messages", message_name(first))
    goal = row.doc["goal"] if row is not None else None
    if row is None or goal is None:
        return said, None
    found = await rows.get("goals", goal)
    if found is not None and found.state in OPEN:
        with suppress(UnknownThingError):  # it ended just now
            await stop_goals(app.kernel, said.place.conversation, goal, "owner")
    done = await rows.find(RowQuery("operations", group=goal, states=DONE), limit=1)
    if not done:
        return replace(said, text=await _whole_turn(app, goal, row.key, said.text)), None
    return said, (
        f"What you wrote first was done already ({goal}), so nothing is done again: /undo {goal} "
        "takes it back; write a new message for anything else."
    )


async def _whole_turn(app: App, goal: str, edited: str, text: str) -> str:
    """Return the words of all messages of a goal, the new ones in place of the edited."""
    state = await app.kernel.goal(goal)
    lines = []
    for name in state.messages:
        row = await app.kernel.rows.get("messages", name)
        if name != edited and row is not None:
            ref = row.doc["text"]["ref"]
            lines.append(str((await app.kernel.log.values([ref])).get(ref, "")))
        elif name == edited:
            lines.append(text)
    return "\n".join(line for line in lines if line)
