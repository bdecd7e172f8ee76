"""Read models folded from events: pure, so that rebuilding gives the same bytes."""

from collections.abc import Sequence

from core.ports.read_models import Projection
from core.projections.cards import CARDS
from core.projections.conversations import MESSAGES, OUTBOX, WINDOW
from core.projections.goals import GOALS
from core.projections.operations import OPERATIONS
from core.projections.permissions import AUTONOMY, GRANTS
from core.projections.personal import FACTS, REMINDERS, TODOS
from core.projections.record import RECORD
from core.projections.spend import SPEND

ALL: Sequence[Projection] = (
    AUTONOMY,
    CARDS,
    FACTS,
    GOALS,
    GRANTS,
    MESSAGES,
    OPERATIONS,
    OUTBOX,
    RECORD,
    REMINDERS,
    SPEND,
    TODOS,
    WINDOW,
)
