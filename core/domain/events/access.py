"""Who may talk with Equerry in a chat app."""

from typing import ClassVar, Literal

from core.domain.erasable import Erasable
from core.domain.events.base import Payload

Standing = Literal["owner", "group"]


class AccessGranted(Payload):
    """A user of a chat app is an owner from now on, or a group may be listened to.

    `ident` is the platform's id; `how` is the pairing code, or the owner's card.
    """

    wire: ClassVar[str] = "access.granted.v1"
    channel: str
    standing: Standing
    ident: str
    name: Erasable
    how: Literal["code", "card"]


class AccessRevoked(Payload):
    """A user is no owner any more, or a group is left alone."""

    wire: ClassVar[str] = "access.revoked.v1"
    channel: str
    standing: Standing
    ident: str


class AccessMoved(Payload):
    """A group has a new id on its platform; it is the same group, with the same conversation."""

    wire: ClassVar[str] = "access.moved.v1"
    channel: str
    ident: str
    to: str


class AccessRefused(Payload):
    """Somebody who is no owner wrote and was told so; at most one an hour and sender."""

    wire: ClassVar[str] = "access.refused.v1"
    channel: str
    conversation: str
    ident: str
