"""What every use case of the core is handed: ports, registries and settings, wired once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from core.agents.calls import ModelCalls
from core.agents.registry import AgentRegistry
from core.domain.events import Event
from core.domain.redaction import Redactor
from core.gates.budget import Ledger
from core.gates.thresholds import GatePolicy
from core.goals.fold import fold
from core.goals.state import GoalState
from core.log.reading import every_event
from core.memory.context import Recall
from core.memory.profile.live import LiveProfile
from core.operations.registry import ActionRegistry
from core.ports.blobs import Blobs
from core.ports.chat_surface import ChatSurface, Progress
from core.ports.clock import Clock
from core.ports.documents import DocumentReader
from core.ports.event_log import EventLog, EventQuery
from core.ports.ids import Ids
from core.ports.read_models import ReadModels
from core.ports.transcriber import Transcriber


def never_quiet(_now: datetime) -> datetime | None:
    """Have no quiet hours."""
    return None


def nobody(_progress: Progress) -> None:
    """Show progress to nobody."""


@dataclass(frozen=True)
class Kernel:
    """The composition of one running core; `surfaces` is filled while surfaces come and go."""

    log: EventLog
    rows: ReadModels
    clock: Clock
    ids: Ids
    agents: AgentRegistry
    actions: ActionRegistry
    calls: ModelCalls
    ledger: Ledger
    recall: Recall
    policy: GatePolicy
    redactor: Redactor
    zone: tzinfo
    blobs: Blobs
    documents: DocumentReader
    surfaces: Mapping[str, ChatSurface] = field(default_factory=dict)
    progress: Callable[[Progress], None] = nobody
    quiet_until: Callable[[datetime], datetime | None] = never_quiet
    profile: LiveProfile = field(default_factory=LiveProfile)
    transcriber: Transcriber | None = None

    def surface(self, conversation: str) -> ChatSurface | None:
        """Return the surface of a conversation (`telegram:42` is on `telegram`), if it is there."""
        return self.surfaces.get(conversation.partition(":")[0])

    async def goal(self, goal: str, known: list[Event] | None = None) -> GoalState:
        """Return the state of a goal from the log; what comes after `known` is read, and added."""
        known = [] if known is None else known
        after = known[-1].position if known else 0
        known += await self.events(EventQuery(goal=goal, after=after))
        return fold(goal, known)

    async def events(self, query: EventQuery) -> Sequence[Event]:
        """Return every matching event with its texts, however many there are."""
        return await every_event(self.log, query)
