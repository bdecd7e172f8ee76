"""Every event type; importing this package registers them all."""

from core.domain.events import (
    access,
    attachments,
    gates,
    goals,
    health,
    holds,
    memory,
    messages,
    models,
    operations,
    personal,
)
from core.domain.events.base import GENESIS, PAYLOADS, Claim, Event, NewEvent, Payload, stamp
from core.domain.events.upcasting import (
    REVISION,
    UPCASTERS,
    Upcaster,
    current,
    decode,
    is_known,
    stored_names,
)

__all__ = [
    "GENESIS",
    "PAYLOADS",
    "REVISION",
    "UPCASTERS",
    "Claim",
    "Event",
    "NewEvent",
    "Payload",
    "Upcaster",
    "access",
    "attachments",
    "current",
    "decode",
    "gates",
    "goals",
    "health",
    "holds",
    "is_known",
    "memory",
    "messages",
    "models",
    "operations",
    "personal",
    "stamp",
    "stored_names",
]
