"""Learns from what the owner said, when a goal has ended: by rules, and by the model where one is.

What is due follows from the log: the key of each fact names the goal and its place in it, so that
it does not matter how often, or after which crash, a goal is learned from.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.errors import STORE_ERRORS, EquerryError
from core.domain.events import Event, Payload
from core.kernel import Kernel
from core.memory.learning.by_model import AGENT, Message, is_worth, learned_by_model
from core.memory.learning.forget_wish import without_forget_wishes
from core.memory.learning.remember import Said, append, learning
from core.memory.learning.rules import Learnt, learned_by_rules
from core.memory.learning.undone import not_undone
from core.ports.event_log import EventQuery
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
        """Learn from a goal that ended; a failure is logged and made up for later.

        Raises StorageError or StoreAwayError: then it is to be called again.
        """
        if event.type not in WATCHED or not event.goal:
            return
        try:
            await self.learn(event.goal)
        except STORE_ERRORS:
            raise
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
        """Return the facts that are new from a goal; all are appended at once, and only once.

        Raises StorageError.
        """
        kernel = self._kernel
        row = await kernel.rows.get("goals", goal)
        names = row.doc["messages"] if row is not None else ()
        messages = [found for name in names if (found := await self._message(name))]
        by_rules = await asyncio.to_thread(_learned_by_rules, messages)
        if not (is_worth(messages) or by_rules):
            return []
        state = await kernel.goal(goal)
        key = f"learn:{goal}"
        if state.sources or await kernel.log.read(EventQuery(keys=(f"{key}:0",)), limit=1):
            return []
        project = state.plan.project if state.plan else None
        payloads: list[tuple[str, Payload]] = []
        new = []
        told = await not_undone(kernel, goal, await self._found(goal, messages, by_rules))
        for number, one in enumerate(told):
            said = replace(one, marker=f"{goal}:{number}", project=project)
            learned = await learning(kernel.recall.knowledge, said)
            payloads += learned.payloads
            new += [] if learned.known else [learned.fact]
        return new if await append(kernel, payloads, key, "equerry", goal) else []

    async def _found(
        self, goal: str, messages: Sequence[Message], by_rules: Sequence[tuple[Message, Learnt]]
    ) -> list[Said]:
        """Return what the messages tell, by the model where they say much, else by rules."""
        now = self._kernel.clock.now()
        said = {message.id: message.at or now for message in messages}
        if is_worth(messages) and not await self._was_asked(goal):
            facts = await learned_by_model(self._kernel, goal, messages)
            if facts is not None:
                return [
                    Said(
                        text=self._kernel.redactor.text(fact.text),
                        marker="",
                        by=goal,
                        at=said.get(fact.id, now),
                        message=fact.id,
                        kind=fact.kind,
                        confidence=fact.confidence,
                    )
                    for fact in facts
                ]
        return [
            Said(one.text, "", goal, said[message.id], message=message.id, kind=one.kind)
            for message, one in by_rules
        ]

    async def _was_asked(self, goal: str) -> bool:
        """Whether a model was asked before a crash: it is not paid twice."""
        calls = await self._kernel.events(EventQuery(goal=goal, type="model.called.v1"))
        return any(call.payload["agent"] == AGENT for call in calls)

    async def _message(self, name: str) -> Message | None:
        """Return the owner's own words of a message, None where there are none (any more)."""
        row = await self._kernel.rows.get("messages", name)
        if row is None or row.state == "outside":
            return None
        ref = row.doc["text"]["ref"]
        found = (await self._kernel.log.values([ref])).get(ref)
        if found is None:
            return None
        said = without_forget_wishes(str(found))
        return Message(name, said, datetime.fromisoformat(row.doc["at"]))


def _learned_by_rules(messages: Sequence[Message]) -> list[tuple[Message, Learnt]]:
    """Return what the rules find in messages: a second for a long one, so not for the loop."""
    return [(message, one) for message in messages for one in learned_by_rules(message.text)]
