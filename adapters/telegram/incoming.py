"""What Telegram delivers, as plain values: a message, a tap, or that a group took the bot in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.telegram.attachments import attachments_of
from adapters.telegram.places import Place, message_name
from core.domain.inbound import Attachment

if TYPE_CHECKING:
    from telegram import Message, Update, User

WANTED = ["message", "edited_message", "callback_query", "my_chat_member"]


@dataclass(frozen=True, slots=True)
class Person:
    """A user: the id is Telegram's, the name is their own choice."""

    ident: str
    name: str
    username: str = ""

    @property
    def told(self) -> str:
        """The name with the username behind it."""
        return f"{self.name} (@{self.username})" if self.username else self.name


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `addressed`: it is meant for the bot.

    `replied` is the text of the bot's own message that it answers, `replied_to` its number.
    """

    update: int
    place: Place
    person: Person
    text: str
    sent_at: datetime
    message: int
    addressed: bool
    group_title: str = ""
    replied: str = ""
    replied_to: int | None = None
    forwarded: bool = False
    edited: bool = False
    files: tuple[Attachment, ...] = ()
    answers: int | None = None
    """The message that it was written below, whoever wrote that."""
    holds: str = ""
    """What else it is: sticker, location, contact, poll; empty for what can be taken in."""

    @property
    def name(self) -> str:
        """What is the same for every delivery of a message, its edits included."""
        return message_name(self.place.chat, self.message)

    @property
    def dedupe(self) -> str:
        """The same for a message; an edit is another one."""
        return f"{self.name}.e{int(self.sent_at.timestamp())}" if self.edited else self.name


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button was tapped; `query` has to be answered."""

    update: int
    query: str
    person: Person
    data: str
    place: Place | None
    message: int | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody took the bot into a group."""

    update: int
    place: Place
    person: Person
    title: str


Incoming = Said | Tapped | Invited
Handle = Callable[[Incoming], Awaitable[None]]
"""Takes what came in; when it returns, that is durable."""


def read_update(update: "Update", me: "User") -> Incoming | None:
    """Return what an update says; None for what is not for Equerry."""
    if update.callback_query is not None:
        return _tapped(update)
    if update.my_chat_member is not None:
        return _invited(update)
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    return _said(update.update_id, message, me, edited=update.edited_message is not None)


async def hand_over(update: "Update", me: "User", handle: Handle) -> None:
    """Hand on what an update says, where that is for Equerry."""
    found = read_update(update, me)
    if found is not None:
        await handle(found)


def _person(user: "User") -> Person:
    return Person(str(user.id), user.full_name, user.username or "")


def _place(message: Any) -> Place:  # noqa: ANN401 - also a message that can no longer be seen
    # A plain group numbers its threads of replies too, but takes no message for one.
    topic = getattr(message, "is_topic_message", None)
    return Place(str(message.chat.id), message.message_thread_id if topic else None)


def _said(number: int, message: "Message", me: "User", *, edited: bool) -> Said:
    text = message.text or message.caption or ""
    reply = message.reply_to_message
    private = message.chat.type == "private"
    mine = reply is not None and reply.from_user is not None and reply.from_user.id == me.id
    named = _named(text, me.username or "")
    return Said(
        update=number,
        place=_place(message),
        person=_person(message.from_user) if message.from_user else Person("", ""),
        text=_without(text, me.username or ""),
        sent_at=message.edit_date if edited and message.edit_date else message.date,
        message=message.message_id,
        addressed=private or mine or named,
        group_title="" if private else (message.chat.title or ""),
        replied=(reply.text or "") if mine and reply is not None else "",
        replied_to=reply.message_id if mine and reply is not None else None,
        forwarded=message.forward_origin is not None,
        edited=edited,
        files=attachments_of(message),
        answers=reply.message_id if reply is not None else None,
        holds=_holds(message),
    )


def _holds(message: "Message") -> str:
    names = ("sticker", "location", "contact", "poll", "dice")
    return next((name for name in names if getattr(message, name, None)), "")


def _named(text: str, username: str) -> bool:
    return bool(username) and f"@{username.lower()}" in text.lower()


def _without(text: str, username: str) -> str:
    """Take the bot's name out: `/status@equerry_bot` is a command, `@equerry_bot hi` says hi."""
    mention = f"@{username}"
    at = text.lower().find(mention.lower()) if username else -1
    return text if at < 0 else f"{text[:at]}{text[at + len(mention) :]}".strip()


def _tapped(update: "Update") -> Tapped | None:
    query = update.callback_query
    if query is None or query.data is None:
        return None
    message = query.message
    return Tapped(
        update=update.update_id,
        query=query.id,
        person=_person(query.from_user),
        data=query.data,
        place=_place(message) if message is not None else None,
        message=message.message_id if message is not None else None,
    )


def _invited(update: "Update") -> Invited | None:
    change = update.my_chat_member
    if change is None or change.chat.type == "private":
        return None
    if change.new_chat_member.status not in {"member", "administrator"}:
        return None
    return Invited(
        update=update.update_id,
        place=Place(str(change.chat.id)),
        person=_person(change.from_user),
        title=change.chat.title or "",
    )
