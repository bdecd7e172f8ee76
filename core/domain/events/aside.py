"""What is left alone because it fails whenever it is worked on."""

from typing import ClassVar, Literal

from core.domain.erasable import Erasable
from core.domain.events.base import Payload

AsideKind = Literal["message", "goal", "reminder", "outgoing", "card"]


class EventSetAside(Payload):
    """Something of a conversation failed twice by itself; nothing tries it again.

    `subject` is its id, `title` what the owner knows it by and `error` what failed. `notice` is the
    message that tells the owner of it, empty where that cannot be sent.
    """

    wire: ClassVar[str] = "event.set_aside.v1"
    conversation: str
    kind: AsideKind
    subject: str
    title: Erasable
    error: Erasable
    notice: str = ""
