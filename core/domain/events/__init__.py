"""Every event type; importing this package registers them all."""

from core.domain.events import (
    access,
    attachments,
    gates,
    goals,
    health,
    memory,
    messages,
    models,
    operations,
    personal,
)
from core.domain.events.base import (
    GENESIS,
    PAYLOADS,
    UPCASTERS,
    Event,
    NewEvent,
    Payload,
    decode,
    stamp,
    upcast,
)

__all__ = [
    "GENESIS",
    "PAYLOADS",
    "UPCASTERS",
    "Event",
    "NewEvent",
    "Payload",
    "access",
    "attachments",
    "decode",
    "gates",
    "goals",
    "health",
    "memory",
    "messages",
    "models",
    "operations",
    "personal",
    "stamp",
    "upcast",
]
