"""What a summary is made of: the turns of a conversation on the log, and the goals they ended."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from core.domain.errors import UnreadableError
from core.domain.events import Event, stamp
from core.goals.state import GoalState
from core.kernel import Kernel
from core.memory.summaries.rules import DAY, Ended, Said, said_in
from core.ports.event_log import EventQuery

BATCH = 2000
SPOKEN = frozenset({"message.received.v1", "message.queued.v1"})


@dataclass(slots=True)
class Heard:
    """Turns in order of the log: their events, the owner's words, the goals that ended in them."""

    events: list[Event] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    goal: str | None = None

    @property
    def until(self) -> int:
        """The position of the newest."""
        return self.events[-1].position


async def turns_between(
    kernel: Kernel, conversation: str, after: int, before: int
) -> Sequence[Event]:
    """Return the turns between two positions, the first of them where there are very many."""
    events: list[Event] = []
    while not events:
        query = EventQuery(stream=f"conversation:{conversation}", after=after)
        found = await kernel.log.read(query, limit=BATCH)
        events = [e for e in found if e.type in SPOKEN and e.position < before]
        if len(found) < BATCH or found[-1].position >= before:
            break
        after = found[-1].position
    return events


async def heard(kernel: Kernel, turns: Sequence[Event]) -> Heard:
    """Return what was said in turns, and the goals that ended in them."""
    told = Heard(events=list(await kernel.log.inflated(turns)))
    for event in told.events:
        if event.type == "message.received.v1":
            told.said += said_in(event)
        elif event.goal is not None and event.payload["kind"] in {"reply", "error"}:
            told.goal = event.goal
            if (row := await kernel.rows.get("goals", event.goal)) and row.doc["planned"]:
                with suppress(UnreadableError):  # what else was said is summed up all the same
                    told.ended.append(ended_as(await kernel.goal(event.goal), stamp(event.at)))
    return told


def ended_as(state: GoalState, at: str) -> Ended:
    """Return how a goal ended, without its title where that came from outside."""
    title = "" if state.sources else state.title
    return Ended(ref=state.id, title=title, outcome=state.outcome or "", at=at[:DAY])
