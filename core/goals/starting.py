"""Starting: each message of the owner becomes one goal, once, in order."""

from core.domain.erasable import Erasable
from core.domain.errors import VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.goals import GoalStarted
from core.domain.ids import goal_id
from core.kernel import Kernel
from core.ports.read_models import RowQuery

MOST = 100
TITLE = 80


async def start_goals(kernel: Kernel, conversation: str) -> None:
    """Append `goal.started` for every new message of the conversation.

    The goal is named after the position of its message, so a second start finds the stream taken.
    """
    query = RowQuery("messages", group=conversation, states=frozenset({"new"}), order="written")
    rows = await kernel.rows.find(query, limit=MOST)
    values = await kernel.log.values([row.doc["text"]["ref"] for row in rows])
    for row in sorted(rows, key=lambda row: int(row.doc["position"])):
        goal = goal_id(row.doc["position"])
        text = str(values.get(row.doc["text"]["ref"], "[erased]"))
        started = GoalStarted(
            conversation=conversation,
            origin="message",
            title=Erasable.of(title_of(text)),
            messages=(row.key,),
        )
        stream = f"goal:{goal}"
        event = NewEvent(
            stream=stream, payload=started, goal=goal, causation=row.key, key=f"start:{goal}"
        )
        try:
            await kernel.log.append([event], expect={stream: 0})
        except VersionConflictError:
            continue


def title_of(text: str) -> str:
    """Return the first line of a text, cut to 80 characters."""
    line = next(iter(text.strip().splitlines()), "").strip()
    return line if len(line) <= TITLE else f"{line[: TITLE - 1]}…"
