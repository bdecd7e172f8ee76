"""Chats as Telegram keeps them."""

import itertools
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.servers.telegram.errors import ApiError, bad, forbidden
from tests.servers.telegram.model import Json, Message, Person

SUPERGROUP = "-100"
GENERAL = 1


class Action(NamedTuple):
    """What a chat showed for a moment: "typing", or a draft with its text."""

    kind: str
    at: float
    text: str = ""
    thread: int | None = None


@dataclass(eq=False)
class Room:
    """A chat; `standing` is open, unstarted, blocked or kicked."""

    id: int
    title: str
    members: dict[int, Person]
    is_forum: bool = False
    standing: str = "open"
    moved_to: int | None = None
    topics: dict[int, str] = field(default_factory=dict)
    kept: dict[int, Message] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def kind(self) -> str:
        """What the API calls this kind of chat."""
        if self.id > 0:
            return "private"
        return "supergroup" if str(self.id).startswith(SUPERGROUP) else "group"

    def to_dict(self) -> Json:
        """Return it as the API tells it."""
        whole: Json = {"id": self.id, "type": self.kind}
        if self.kind != "private":
            return whole | {"title": self.title} | ({"is_forum": True} if self.is_forum else {})
        person = self.members[self.id]
        names = {"first_name": person.name}
        return whole | names | ({"username": person.username} if person.username else {})

    def refusal(self) -> ApiError | None:
        """Return why the bot may not write here, None if it may."""
        if self.moved_to is not None:
            sentence = "Bad Request: group chat was upgraded to a supergroup chat"
            return ApiError(400, sentence, moved_to=self.moved_to)
        return {
            "unstarted": forbidden("bot can't initiate conversation with a user"),
            "blocked": forbidden("bot was blocked by the user"),
            "kicked": forbidden(f"bot was kicked from the {self.kind} chat"),
        }.get(self.standing)

    def find(self, message_id: int) -> Message | None:
        """Return a message that was not deleted."""
        message = self.kept.get(message_id)
        return None if message is None or message.deleted else message

    def check_thread(self, thread: int | None) -> None:
        """Refuse a topic that does not exist; General has no id that can be sent to."""
        if thread is not None and (thread == GENERAL or thread not in self.topics):
            raise bad("message thread not found")
