"""Read models folded from events: pure, so that rebuilding gives the same bytes."""

from collections.abc import Sequence

from core.ports.read_models import Projection
from core.projections.access import ACCESS
from core.projections.attachments import ATTACHMENTS
from core.projections.card_places import CARD_PLACES
from core.projections.cards import CARDS
from core.projections.conversations import MESSAGES, OUTBOX, WINDOW
from core.projections.costs import COSTS
from core.projections.files import FILES
from core.projections.goals import GOALS
from core.projections.health import HEALTH
from core.projections.operations import OPERATIONS
from core.projections.permissions import AUTONOMY, GRANTS
from core.projections.personal import FACTS, REMINDERS, STATED, TODOS
from core.projections.profile import PROFILE
from core.projections.prompts import PROMPTS
from core.projections.record import RECORD
from core.projections.reliability import RELIABILITY
from core.projections.spend import SPEND
from core.projections.summaries import SUMMARIES

ALL: Sequence[Projection] = (
    ACCESS,
    ATTACHMENTS,
    AUTONOMY,
    CARDS,
    CARD_PLACES,
    COSTS,
    FACTS,
    FILES,
    GOALS,
    GRANTS,
    HEALTH,
    MESSAGES,
    OPERATIONS,
    OUTBOX,
    PROFILE,
    PROMPTS,
    RECORD,
    RELIABILITY,
    REMINDERS,
    SPEND,
    STATED,
    SUMMARIES,
    TODOS,
    WINDOW,
)
