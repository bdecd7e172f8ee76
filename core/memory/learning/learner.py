"""Learns from what the owner said, when a goal has ended: by rules, and by the model where one is.

What is due follows from the log: the key of each fact names the goal and its place in it, so that
it does not matter how often, or after which crash, a goal is learned from.
"""

import logging

from core.domain.errors import EquerryError
from core.domain.events import Event
from core.kernel import Kernel
from core.memory.learning.remember import Said, append, learning
from core.memory.learning.rules import learned_by_rules
from core.ports.read_models import RowQuery

WATCHED = frozenset({"goal.finished.v1"})
MISSED = 50
"""Goals that are looked at again after a start: those that ended while nobody learned."""

logger = logging.getLogger(__name__)


class Learner:
    """Appends the facts that a goal's messages hold."""

    def __init__(self, kernel: Kernel) -> None:
        """Work on the log of `kernel`."""
        self._kernel = kernel

    async def noticed(self, event: Event) -> None:
        """Learn from a goal that ended; a failure is logged and made up for later."""
        if event.type not in WATCHED or not event.goal:
            return
        try:
            await self.learn(event.goal)
        except EquerryError as error:
            logger.warning("nothing was learned from %s: %s", event.goal, error)

    async def catch_up(self) -> None:
        """Learn from goals that ended without anybody learning from them."""
        query = RowQuery(
            "goals", states=frozenset({"finished"}), order="written", newest_first=True
        )
        for row in reversed(await self._kernel.rows.find(query, limit=MISSED)):
            await self.learn(row.key)

    async def learn(self, goal: str) -> list[str]:
        """Return the facts that are new from a goal. Raises StorageError."""
        kernel = self._kernel
        state = await kernel.goal(goal)
        if state.sources:
            return []
        new: list[str] = []
        number = 0
        for message in state.messages:
            text, row = await self._text(message)
            for one in learned_by_rules(text) if row else []:
                said = Said(
                    text=one.text,
                    marker=f"{goal}:{number}",
                    by=goal,
                    at=kernel.clock.now(),
                    message=message,
                    kind=one.kind,
                    project=state.plan.project if state.plan else None,
                )
                found = await learning(kernel.recall.knowledge, said)
                if await append(kernel, found, f"learn:{goal}:{number}", "equerry", goal):
                    new.append(found.fact)
                number += 1
        return new

    async def _text(self, message: str) -> tuple[str, bool]:
        """Return the owner's own words of a message, and whether there are any."""
        row = await self._kernel.rows.get("messages", message)
        if row is None or row.state == "outside":
            return "", False
        ref = row.doc["text"]["ref"]
        found = (await self._kernel.log.values([ref])).get(ref)
        return (str(found), True) if found is not None else ("", False)
