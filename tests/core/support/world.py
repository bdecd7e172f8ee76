"""A whole core over memory: say something, drain, decide, restart, look at what was kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

from adapters.inmemory.blobs import MemoryBlobs
from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.documents import MemoryDocuments
from adapters.inmemory.event_log import MemoryStore
from adapters.inmemory.knowledge import memory_knowledge
from adapters.inmemory.model import ScriptedModel
from adapters.inmemory.surface import RecordingSurface
from adapters.when.words import WordsWhen
from core.agents.calls import ModelCalls, Models
from core.agents.registry import AgentRegistry
from core.domain.events import NewEvent, Payload, decode
from core.domain.inbound import Inbound
from core.domain.redaction import Redactor
from core.gates.budget import Caps, Ledger
from core.gates.decide import DecideCard, Decided, decide_card
from core.gates.thresholds import GatePolicy
from core.goals.drain import Drain
from core.goals.intake import Received, intake
from core.goals.state import GoalState
from core.kernel import Kernel
from core.memory.context import Profile, Recall
from core.operations.own.facts import Remember, SearchMemory
from core.operations.own.listing import ReminderList, TaskList
from core.operations.own.reminders import CancelReminder, SetReminder
from core.operations.own.take_in import TakeIn
from core.operations.own.todos import TaskAdd, TaskDone
from core.operations.registry import ActionRegistry
from core.operations.undo_action import UndoAction
from core.ports.action import Action
from core.ports.chat_surface import CardView, ChatSurface
from core.ports.event_log import EventQuery
from core.ports.model import Model
from core.ports.read_models import Row, RowQuery
from core.ports.transcriber import Transcriber
from tests.core.support.actions import Probe, every_probe
from tests.core.support.stores import FragileStore

HERE = "memory:1"
P = TypeVar("P", bound=Payload)


@dataclass
class Setup:
    """What a test wants different."""

    policy: GatePolicy = field(default_factory=GatePolicy)
    caps: Caps = field(default_factory=Caps)
    zone: tzinfo = UTC
    actions: Sequence[Action[Any]] = ()
    offline: Model | None = None
    secrets: Sequence[str] = ()
    agents: AgentRegistry = field(default_factory=AgentRegistry)
    transcriber: Transcriber | None = None


class World:
    """One core; `restart` throws away all that only the process knew."""

    def __init__(self, setup: Setup | None = None, *answers: Any) -> None:  # noqa: ANN401
        """Wire everything over memory; `answers` are the model's."""
        self.setup = setup or Setup()
        self.clock = FakeClock()
        self.ids = SequentialIds()
        self.store = FragileStore(self.clock, self.ids)
        self.model = ScriptedModel(answers)
        self.surface, self.blobs = RecordingSurface(), MemoryBlobs()
        self.surfaces: dict[str, ChatSurface] = {"memory": self.surface}
        self.probes = {probe.name: probe for probe in every_probe()}
        self.wakes: list[tuple[str, datetime | None]] = []
        self._said = 0
        self.kernel = self._kernel()
        self.drain = Drain(self.kernel, self._wake)

    def _kernel(self) -> Kernel:
        setup, store = self.setup, self.store
        redactor = Redactor(setup.secrets)
        ledger = Ledger(store, store, self.clock, self.ids, caps=setup.caps, zone=setup.zone)
        profile = Profile("Ada", "Acme", setup.zone, str(setup.zone))
        self.knowledge = memory_knowledge(store)
        undo, when = UndoAction(), WordsWhen()
        own: list[Action[Any]] = [
            TaskAdd(when),
            TaskDone(store, store),
            SetReminder(when, store),
            TaskList(store, store),
            CancelReminder(store),
            ReminderList(store, store),
            Remember(self.knowledge, store, store),
            SearchMemory(self.knowledge, store),
            TakeIn(),
            undo,
        ]
        models = Models(self.model, setup.offline or self.model)
        kernel = Kernel(
            log=store,
            rows=store,
            clock=self.clock,
            ids=self.ids,
            agents=setup.agents,
            actions=ActionRegistry([*own, *self.probes.values(), *setup.actions]),
            calls=ModelCalls(models, ledger, self.clock, self.ids, redactor=redactor),
            ledger=ledger,
            recall=Recall(store, store, self.clock, profile, self.knowledge),
            policy=setup.policy,
            redactor=redactor,
            zone=setup.zone,
            blobs=self.blobs,
            documents=MemoryDocuments(),
            surfaces=self.surfaces,
            transcriber=setup.transcriber,
        )
        undo.bind(kernel)
        return kernel

    async def _wake(self, conversation: str, at: datetime | None = None) -> None:
        self.wakes.append((conversation, at))

    def restart(self) -> None:
        """Lose everything but the store, the outside world and the surface."""
        self.kernel = self._kernel()
        self.drain = Drain(self.kernel, self._wake)

    def probe(self, name: str) -> Probe:
        """Return a scripted action."""
        return self.probes[name]

    async def hear(
        self,
        text: str,
        *,
        where: str = HERE,
        owner: bool = True,
        forwarded: bool = False,
        **more: Any,  # noqa: ANN401 - the other fields of Inbound
    ) -> Received:
        """Take a message in without working on it."""
        self._said += 1
        inbound = Inbound(
            channel=where.partition(":")[0],
            conversation=where,
            sender="ada" if owner else "mallory",
            text=text,
            forwarded=forwarded,
            **{"sent_at": self.clock.now(), "dedupe": f"m{self._said}", **more},
        )
        return await intake(self.kernel, inbound, owner=owner)

    async def say(self, text: str, *answers: Any, where: str = HERE) -> list[str]:  # noqa: ANN401
        """Say something with the model's answers to it, drain, and return the new texts."""
        self.model.then(*answers)
        before = len(self.surface.sent)
        await self.hear(text, where=where)
        await self.drain(where)
        return [outbound.text for outbound in self.surface.sent[before:]]

    async def decide(
        self,
        verdict: Any = "accept",  # noqa: ANN401 - a Verdict
        card: str | None = None,
        *,
        drain: bool = True,
        **more: Any,  # noqa: ANN401 - the other fields of DecideCard
    ) -> Decided:
        """Decide a card, the newest shown by default, and drain its conversation."""
        name = card or self.surface.shown[-1].card
        self._said += 1
        command = {"by": "owner", "via": "memory", "tap": f"tap{self._said}", **more}
        decided = await decide_card(self.kernel, DecideCard(name, verdict, **command))
        if drain:
            await self.drain(decided.view.conversation)
        return decided

    @property
    def card(self) -> CardView:
        """The newest card that was shown."""
        return self.surface.shown[-1]

    def events(self, kind: type[P]) -> list[P]:
        """Return the stored payloads of a type, texts as references."""
        found = (decode(event) for event in self.store.stored if event.type == kind.wire)
        return [payload for payload in found if isinstance(payload, kind)]

    async def told(self, kind: type[P]) -> list[P]:
        """Return the stored payloads of a type with their texts."""
        events = await self.kernel.events(EventQuery(type=kind.wire))
        return [p for p in map(decode, events) if isinstance(p, kind)]

    async def append(self, stream: str, payload: Payload, goal: str | None = None) -> None:
        """Append an event as somebody else would."""
        await self.store.append([NewEvent(stream=stream, payload=payload, goal=goal)])

    async def rows(self, projection: str, *states: str, group: str | None = None) -> list[Row]:
        """Return rows of a read model."""
        query = RowQuery(projection, group=group, states=frozenset(states))
        return list(await self.store.find(query, limit=1000))

    async def goals(self) -> list[GoalState]:
        """Return the state of every goal, oldest first."""
        rows = await self.rows("goals")
        names = sorted(rows, key=lambda row: int(row.doc["position"]))
        return [await self.kernel.goal(row.key) for row in names]

    async def still(self) -> None:
        """Assert that one more drain changes nothing, that the chain holds and rows rebuild."""
        head = await self.store.head()
        sent, shown = len(self.surface.sent), len(self.surface.shown)
        await self.drain(HERE)
        assert await self.store.head() == head
        assert (len(self.surface.sent), len(self.surface.shown)) == (sent, shown)
        verified = await self.store.verify()
        assert verified.problem is None
        before, after = await MemoryStore.rebuild(self.store)
        assert before == after
