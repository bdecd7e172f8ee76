"""What Telegram delivers, as plain values: a message, a tap, or that a group took the bot in."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters.telegram.attachments import attachments_of
from adapters.telegram.lenient import QUOTED_TYPES
from adapters.telegram.places import Place, message_name
from core.domain.canonical import sha256
from core.domain.inbound import Attachment
from core.domain.quotations import as_quoted
from core.goals.starting import TOGETHER

if TYPE_CHECKING:
    from telegram import Message, Update, User

_COMMAND = re.compile(r"/\w+@(?P<bot>\w+)")
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
    written: int = 0
    """When it was first sent, in seconds; an edit has the same. 0 where no time is told."""
    changed: int = 0
    """When it was edited, in seconds; 0 where no time is told."""
    group_title: str = ""
    private: bool = True
    """A chat of two; its number is positive on Telegram, but not everywhere."""
    replied: str = ""
    replied_to: int | None = None
    forwarded: bool = False
    edited: bool = False
    files: tuple[Attachment, ...] = ()
    answers: str = ""
    """The name of the message that it was written below, whoever wrote that."""
    holds: str = ""
    """What else it is: sticker, location, contact, poll, … Nothing of it is read.

    Empty for what can be taken in.
    """
    followed: bool = False
    """Whether another message of the chat, sent at about the same time, came along behind it."""
    quotes: tuple[str, ...] = ()
    """The part of somebody else's message that the reply is to, as its sender marked it."""

    @property
    def name(self) -> str:
        """What is the same for every delivery of a message, its edits included."""
        return message_name(self.place.chat, self.message, self.written)

    @property
    def dedupe(self) -> str:
        """The same for a message; an edit is another one."""
        if not self.edited:
            return self.name
        return f"{self.name}.e{self.changed}.{sha256(self.text)[:8]}"


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


@dataclass(frozen=True, slots=True)
class Moved:
    """A group has become a supergroup, which has another id."""

    update: int
    place: Place
    to: str


Incoming = Said | Tapped | Invited
Handle = Callable[[Incoming | Moved], Awaitable[None]]
"""Takes what came in; when it returns, that is durable."""


def read_update(update: "Update", me: "User") -> Incoming | Moved | None:
    """Return what an update says; None for what is not for Equerry."""
    if update.callback_query is not None:
        return _tapped(update)
    if update.my_chat_member is not None:
        return _invited(update)
    message = update.message or update.edited_message
    if message is not None and message.migrate_to_chat_id:
        return Moved(update.update_id, _place(message), str(message.migrate_to_chat_id))
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    if not _holds_words(message) or _is_for_another(message.text or "", me.username or ""):
        return None
    return _said(update.update_id, message, me, edited=update.edited_message is not None)


async def hand_over(
    update: "Update", me: "User", handle: Handle, behind: Sequence["Update"] = ()
) -> None:
    """Hand on what an update says, where that is for Equerry; `behind` came along with it."""
    found = read_update(update, me)
    if isinstance(found, Said):
        found = replace(found, followed=_is_followed(update, behind))
    if found is not None:
        await handle(found)


def _is_followed(update: "Update", behind: Sequence["Update"]) -> bool:
    """Whether the next message of the chat was sent at about the same time, and is no command."""
    message = update.message
    following = (one.message for one in behind if one.message is not None)
    after = next((one for one in following if message and one.chat.id == message.chat.id), None)
    if message is None or after is None or (after.text or "").startswith("/"):
        return False
    return abs((after.date - message.date).total_seconds()) <= TOGETHER.total_seconds()


def _person(user: "User") -> Person:
    return Person(str(user.id), user.full_name or f"user {user.id}", user.username or "")


def _author(message: "Message") -> Person:
    """Return who wrote a message; what is said in the name of a chat is nobody's own."""
    chat = message.sender_chat
    if chat is not None:
        return Person(str(chat.id), chat.title or "")
    return _person(message.from_user) if message.from_user is not None else Person("", "")


def _place(message: Any) -> Place:  # noqa: ANN401 - also a message that can no longer be seen
    chat, number = str(message.chat.id), getattr(message, "message_thread_id", None)
    if number is None or message.chat.type == "private":
        return Place(chat)
    if getattr(message, "is_topic_message", None):
        return Place(chat, number)
    return Place(chat, root=number)


def _said(number: int, message: "Message", me: "User", *, edited: bool) -> Said:
    text = _words(message)
    reply = message.reply_to_message
    private = message.chat.type == "private"
    mine = reply is not None and reply.from_user is not None and reply.from_user.id == me.id
    named = _named(text, me.username or "")
    sent_at, written = _when(message, edited=edited), _seconds(message)
    return Said(
        update=number,
        place=_place(message),
        person=_author(message),
        text=_without(text, me.username or ""),
        sent_at=sent_at,
        message=message.message_id,
        addressed=private or mine or named,
        written=written,
        changed=int(sent_at.timestamp()) if edited and written else 0,
        group_title="" if private else (message.chat.title or ""),
        private=private,
        replied=(reply.text or "") if mine and reply is not None else "",
        replied_to=reply.message_id if mine and reply is not None else None,
        forwarded=_is_of_others(message),
        edited=edited,
        files=attachments_of(message),
        answers="" if reply is None else _name(reply),
        holds=_holds(message),
        quotes=() if mine or message.quote is None else (message.quote.text,),
    )


def _words(message: "Message") -> str:
    """Return the text of a message in which what is drawn as a quotation or code is marked so.

    Telegram tells the places apart from the text, in units of UTF-16.
    """
    text = message.text or message.caption or ""
    told = message.entities if message.text else message.caption_entities
    quotes = sorted((one for one in told if one.type in QUOTED_TYPES), key=lambda one: one.offset)
    if not quotes:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    parts, at = list[str](), 0
    for entity in quotes:
        begin, end = max(2 * entity.offset, at), 2 * (entity.offset + entity.length)
        if begin < end:
            mark = _fenced if entity.type == "pre" else as_quoted
            parts += [_text(units[at:begin]), mark(_text(units[begin:end]))]
            at = end
    parts.append(_text(units[at:]))
    return "\n".join(part for part in (one.strip("\n") for one in parts) if part)


def _text(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")


def _fenced(text: str) -> str:
    return f"```\n{text}\n```"


def _seconds(message: "Message") -> int:
    return int(message.date.timestamp())


def _name(message: "Message") -> str:
    return message_name(str(message.chat.id), message.message_id, _seconds(message))


def _when(message: "Message", *, edited: bool) -> datetime:
    """Return when it was written, or edited; now, where the server tells no time."""
    at = message.edit_date if edited and message.edit_date else message.date
    return at if at.timestamp() else datetime.now(UTC)


def _is_of_others(message: "Message") -> bool:
    """Whether the words are not those of who sent it: forwarded, or made by another bot.

    Servers of before Bot API 7 tell it in fields that the library does not know any more.
    """
    told = any(name.startswith("forward") for name in message.api_kwargs)
    return message.forward_origin is not None or message.via_bot is not None or told


def _holds(message: "Message") -> str:
    names = ("sticker", "venue", "location", "contact", "poll", "dice", "story", "game", "invoice")
    return next((name for name in names if getattr(message, name, None)), "")


def _holds_words(message: "Message") -> bool:
    """Whether somebody wrote or sent it; joining, pinning and the like are told as messages too."""
    return bool(message.text or message.caption or message.effective_attachment)


def _is_for_another(text: str, username: str) -> bool:
    """Whether it is a command for another bot of the group: `/status@other_bot`."""
    command = _COMMAND.match(text)
    return command is not None and command["bot"].lower() != username.lower()


def _mention(text: str, username: str) -> "re.Match[str] | None":
    """Find the bot's name; that of a bot whose name is longer is not it."""
    if not username:
        return None
    return re.search(rf"@{re.escape(username)}(?!\w)", text, re.IGNORECASE)


def _named(text: str, username: str) -> bool:
    return _mention(text, username) is not None


def _without(text: str, username: str) -> str:
    """Take the bot's name out: `/status@equerry_bot` is a command, `@equerry_bot hi` says hi."""
    found = _mention(text, username)
    return text if found is None else f"{text[: found.start()]}{text[found.end() :]}".strip()


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
        message=(message.message_id or None) if message is not None else None,
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
