"""What a summary is of: a conversation or a project, by a name that every store can keep."""

from core.domain.canonical import sha256
from core.log.sealing import is_name

LONGEST = 300
PROJECT = "project:"
CONVERSATION = "conversation:"


def conversation_scope(conversation: str) -> str:
    """Return the scope of a conversation."""
    return _storable(CONVERSATION, conversation)


def project_scope(project: str) -> str:
    """Return the scope of a project, the same for any case and spacing of its name."""
    return _storable(PROJECT, " ".join(project.casefold().split()))


def stream_of(scope: str) -> str:
    """Return the stream that holds the versions of a scope."""
    return f"summary:{scope}"


def _storable(kind: str, name: str) -> str:
    if len(name) <= LONGEST and is_name(name):
        return f"{kind}{name}"
    return f"{kind}{sha256(name)[:32]}"
