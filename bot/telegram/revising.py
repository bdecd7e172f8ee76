"""A message that its owner edited: only what has not happened yet is done anew."""

from contextlib import suppress

from adapters.telegram.incoming import Said
from adapters.telegram.places import CHANNEL
from bot.app import App
from core.domain.errors import UnknownThingError
from core.goals.intake import intake_key, message_name
from core.goals.stop import OPEN, stop_goals
from core.ports.read_models import RowQuery

DONE = frozenset({"finished"})


async def revise(app: App, said: Said) -> str | None:
    """Stop what the first form of a message began; return None if the new form is to be done.

    Where something was done already, nothing is done again: the sentence returned says so.
    """
    rows = app.kernel.rows
    first = intake_key(CHANNEL, said.name)
    row = await rows.get("messages", message_name(first))
    goal = row.doc["goal"] if row is not None else None
    if goal is None:
        return None
    found = await rows.get("goals", goal)
    if found is not None and found.state in OPEN:
        with suppress(UnknownThingError):  # it ended just now
            await stop_goals(app.kernel, said.place.conversation, goal, "owner")
    done = await rows.find(RowQuery("operations", group=goal, states=DONE), limit=1)
    if not done:
        return None
    return (
        f"What you wrote first was done already ({goal}), so nothing is done again: /undo {goal} "
        "takes it back; write a new message for anything else."
    )
