"""Compacting: what leaves the window, and how goals of a project ended, goes into summaries.

What is due follows from the log alone: a version says up to where it tells, its stream has an
expected version and its event a key, so that it does not matter how often, by how many processes or
after which crash this runs.
"""

import logging
from collections import Counter
from collections.abc import Sequence

from core.domain.erasable import Erasable
from core.domain.errors import STORE_ERRORS, EquerryError, VersionConflictError
from core.domain.events import Event, NewEvent
from core.domain.events.goals import PlanProposed
from core.domain.events.memory import SummaryUpdated
from core.goals.state import GoalState
from core.kernel import Kernel
from core.memory.summaries.bullets import Bullet, fitted, parse, render
from core.memory.summaries.by_model import Asked, ask_model
from core.memory.summaries.heard import ended_as, heard, turns_between
from core.memory.summaries.rules import merged, points, said_in
from core.memory.summaries.scopes import conversation_scope, project_scope, stream_of
from core.memory.summaries.versions import Version, Versions
from core.memory.turns import CHARS_PER_TOKEN, KEPT
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery

DUE = 20
LATE = 60
OFTEN = 5
TOKENS = 1600
MISSED = 20
SENT = "message.sent.v1"
WATCHED = frozenset({SENT, "goal.finished.v1", "goal.stopped.v1"})
ENDED = frozenset({"finished", "stopped"})
DECIDED = frozenset({"Decisions", "Why"})

logger = logging.getLogger(__name__)


class Compactor:
    """Brings summaries up to date."""

    def __init__(self, kernel: Kernel) -> None:
        """Work on the log of `kernel`."""
        self._kernel = kernel
        self._versions = Versions(kernel.log, kernel.rows)
        self._seen: Counter[str] = Counter()

    async def noticed(self, event: Event) -> None:
        """Do what an event makes due; a failure is logged and made up for later.

        Raises StorageError or StoreAwayError: then it is to be called again.
        """
        try:
            if event.type == SENT:
                await self._turned(event.payload["conversation"])
            elif event.type in WATCHED and event.goal:
                await self.goal_ended(event.goal, event.position)
        except STORE_ERRORS:
            raise
        except EquerryError as error:
            logger.warning("a summary was not brought up to date: %s", error)

    async def conversation(self, conversation: str) -> bool:
        """Summarise the turns that have left the window where enough have; return whether it did.

        Talk in which nothing was decided waits longer: it would only make the same version again.
        """
        scope = conversation_scope(conversation)
        current = await self._versions.current(scope)
        turns = await self._overflow(conversation, current)
        if len(turns) < DUE:
            return False
        told = await heard(self._kernel, turns)
        new = points(told.said, told.ended)
        if not new and len(told.events) < LATE:
            return False
        before = _own(current)
        asked = Asked()
        if told.goal and any(bullet.section in DECIDED for bullet in new):
            asked = await ask_model(self._kernel, told.goal, before, told.said)
        bullets = merged(before, new)
        if asked.bullets is not None:
            bullets = merged(asked.bullets, points([], told.ended))
        payload = self._payload(scope, current, bullets, told.events)
        if asked.bullets is not None:
            payload = payload.model_copy(update={"made_by": "model", "call": asked.call})
        key = f"{stream_of(scope)}:{told.until}"
        return await self._append(payload, key, asked.events)

    async def goal_ended(self, goal: str, position: int) -> bool:
        """Put how a goal ended into the summary of its project; return whether it did."""
        row = await self._kernel.rows.get("goals", goal)
        if row is None or not row.doc["planned"]:
            return False
        plans = await self._kernel.events(EventQuery(goal=goal, type=PlanProposed.wire))
        if not any((plan.payload["plan"].get("value") or {}).get("project") for plan in plans):
            return False
        state = await self._kernel.goal(goal)
        project = state.plan.project if state.plan is not None else None
        if not project or not project.strip() or state.sources or state.plan_sources:
            return False
        scope = project_scope(project)
        key = f"{stream_of(scope)}:{position}"
        if await self._kernel.log.read(EventQuery(keys=(key,)), limit=1):
            return False
        return await self._project(scope, key, state, position)

    async def catch_up(self) -> None:
        """Put in the ends of goals that a crash kept out of the summary of their project."""
        last = max((row.doc["until"] for row in await self._versions.projects()), default=0)
        query = RowQuery("goals", states=ENDED, order="written", newest_first=True)
        rows = await self._kernel.rows.find(query, limit=MISSED)
        keys = tuple(f"{row.key}:end" for row in rows if row.doc["planned"])
        for event in await self._kernel.log.read(EventQuery(keys=keys, after=last)) if keys else ():
            await self.noticed(event)

    async def _turned(self, conversation: str) -> None:
        """Look at a conversation now and then: what waits meanwhile is in every prompt anyway."""
        seen = self._seen[conversation]
        self._seen[conversation] += 1
        if seen % OFTEN == 0:
            while await self.conversation(conversation):
                pass

    async def _overflow(self, conversation: str, current: Version | None) -> Sequence[Event]:
        windows = self._kernel.recall.windows
        window = await windows.read(conversation)
        inside = windows.fitting(window)
        if not inside:
            return []
        after, first = current.until if current else 0, inside[0].position
        whole = len(window.turns) < KEPT or window.turns[0].position <= after
        if whole and sum(after < turn.position < first for turn in window.turns) < DUE:
            return []
        return await turns_between(self._kernel, conversation, after, first)

    async def _project(self, scope: str, key: str, state: GoalState, position: int) -> bool:
        current = await self._versions.current(scope)
        events = await self._kernel.events(EventQuery(goal=state.id))
        rows = [await self._kernel.rows.get("messages", name) for name in state.messages]
        positions = [int(row.doc["position"]) for row in rows if row is not None]
        received = [
            event
            for place in positions
            for event in await self._kernel.log.read(EventQuery(after=place - 1), limit=1)
        ]
        said = [one for e in await self._kernel.log.inflated(received) for one in said_in(e)]
        end = next(event for event in events if event.position == position)
        new = points(said, [ended_as(state, end.at.isoformat())])
        before = _own(current)
        payload = self._payload(scope, current, merged(before, new), [*received, end])
        return await self._append(payload, key, [])

    def _payload(
        self,
        scope: str,
        current: Version | None,
        bullets: Sequence[Bullet],
        events: Sequence[Event],
    ) -> SummaryUpdated:
        text = render(fitted(bullets, TOKENS * CHARS_PER_TOKEN))
        after = current.until if current else 0
        return SummaryUpdated(
            scope=scope,
            version=current.version + 1 if current else 1,
            text=Erasable.of(self._kernel.redactor.text(text)),
            after=after,
            until=max(after, events[-1].position),
            events=tuple(event.id for event in events),
        )

    async def _append(self, payload: SummaryUpdated, key: str, called: Sequence[NewEvent]) -> bool:
        """Append a version with the call that made it; only the call where somebody was quicker."""
        stream = stream_of(payload.scope)
        event = NewEvent(stream=stream, payload=payload, actor="compactor", key=key)
        try:
            appended = await self._kernel.log.append(
                [*called, event], expect={stream: payload.version - 1}
            )
        except VersionConflictError:
            duplicate = True
        else:
            duplicate = appended.duplicate
        if duplicate and called:
            await self._kernel.log.append(called)
        return not duplicate


def _own(current: Version | None) -> list[Bullet]:
    """Return the points of a version; none of one from outside, which the owner's do not mix with.

    Its words stay in its own version, where the owner may vouch for them.
    """
    return parse(current.text) if current is not None and not current.sources else []
