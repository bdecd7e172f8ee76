"""The user's side: people who write, tap, edit and block, and what they see."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.servers.telegram.model import Json, Message, Person, StoredFile, Tap, Version
from tests.servers.telegram.rooms import Room
from tests.servers.telegram.state import State
from tests.servers.telegram.text import automatic
from tests.waiting import PATIENCE_S

What = str | Callable[[Message], object]


@dataclass(eq=False)
class Chat(Room):
    """A chat as its members see it."""

    state: State = field(kw_only=True)

    @property
    def messages(self) -> list[Message]:
        """What is shown now, oldest first."""
        with self.state.changed:
            return [message for message in self.kept.values() if not message.deleted]

    @property
    def from_bot(self) -> list[Message]:
        """What the bot has written and not deleted."""
        return [message for message in self.messages if message.from_bot]

    @property
    def last_id(self) -> int:
        """The number of the newest message, to wait for later ones."""
        with self.state.changed:
            return max(self.kept, default=0)

    def wait(
        self, what: What, timeout: float = PATIENCE_S, *, after: int = 0, of: Message | None = None
    ) -> Message:
        """Wait until the bot shows a message (with a text, or for which a function is true).

        `after` leaves out messages up to that number, `of` looks at one message only.
        """

        def found() -> Message | None:
            candidates = [of] if of is not None else self.from_bot
            return next((m for m in candidates if m.id > after and _fits(m, what)), None)

        wanted = what if isinstance(what, str) else "message that fits"
        try:
            message: Message = self.state.wait(found, timeout, repr(wanted))
        except TimeoutError as error:
            shown = [message.text for message in self.from_bot if message.id > after]
            raise TimeoutError(f"{error}; the bot shows {shown}") from None
        return message

    async def wait_async(
        self, what: What, within_s: float = PATIENCE_S, *, after: int = 0, of: Message | None = None
    ) -> Message:
        """Wait without holding up the event loop."""
        return await asyncio.to_thread(self.wait, what, within_s, after=after, of=of)

    def topic(self, name: str) -> int:
        """Open a topic; returns its number."""
        with self.state.changed:
            number = next(self.numbers)
            self.topics[number] = name
            return number

    def kick_bot(self, by: Person) -> None:
        """Throw the bot out of a group."""
        self._change("kicked", "member", by)

    def add_bot(self, by: Person) -> None:
        """Take the bot into a group."""
        self._change("member", "left" if self.standing == "open" else "kicked", by)

    def _change(self, new: str, old: str, by: Person) -> None:
        with self.state.changed:
            if self.kind == "private":
                self.standing = "blocked" if new == "kicked" else "open"
            else:
                self.standing = "kicked" if new == "kicked" else "open"
            body: Json = {
                "chat": self.to_dict(),
                "from": by.to_dict(),
                "date": int(time.time()),
                "old_chat_member": self._standing(old),
                "new_chat_member": self._standing(new),
            }
            self.state.tell("my_chat_member", body)

    def _standing(self, status: str) -> Json:
        more: Json = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": self.state.bot.to_dict(), **more}


@dataclass(eq=False)
class User(Person):
    """A person with a phone."""

    state: State = field(kw_only=True)

    def say(
        self,
        chat: Chat,
        text: str,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        entities: Sequence[Json] = (),
    ) -> Message:
        """Write; commands, mentions and links are marked as Telegram does."""
        marked = (*entities, *automatic(text))
        return self._write(chat, Version(text, marked), reply_to=reply_to, thread=thread)

    def edit(self, message: Message, text: str) -> Message:
        """Edit a message of one's own."""
        with self.state.changed:
            message.edit(Version(text, tuple(automatic(text)), None))
            self._tell("edited_message", message)
            return message

    def send_document(self, chat: Chat, name: str, data: bytes, caption: str = "") -> Message:
        """Send a file."""
        return self._file(chat, self.state.store("document", name, data), caption)

    def send_photo(self, chat: Chat, name: str, data: bytes, caption: str = "") -> Message:
        """Send a picture."""
        return self._file(chat, self.state.store("photo", name, data), caption)

    def send_voice(self, chat: Chat, name: str, data: bytes, caption: str = "") -> Message:
        """Send a voice message."""
        return self._file(chat, self.state.store("voice", name, data), caption)

    def forward(
        self, chat: Chat, what: Message | str, author: Person | str = "A Person"
    ) -> Message:
        """Forward a message, or a text of somebody: a person, or the name of who hides."""
        now = int(time.time())
        if isinstance(what, Message):
            origin: Json = {"type": "user", "sender_user": what.sender.to_dict(), "date": now}
            return self._write(chat, what.now._replace(markup=None), what.file, origin=origin)
        origin = {"type": "hidden_user", "sender_user_name": author, "date": now}
        if isinstance(author, Person):
            origin = {"type": "user", "sender_user": author.to_dict(), "date": now}
        return self._write(chat, Version(what, tuple(automatic(what))), origin=origin)

    def tap(
        self, message: Message, button: str, *, stale: bool = False, wait_s: float = PATIENCE_S
    ) -> Tap:
        """Tap a button (its text or data) and wait for the answer; not answered: TimeoutError.

        `stale` taps one that an edit has taken away, as a phone that is behind does. With
        `wait_s` 0 it does not wait.
        """
        with self.state.changed:
            data = _data(message, button, stale=stale)
            tap = Tap(str(10**17 + len(self.state.taps)), self, message, data)
            self.state.taps[tap.id] = tap
            body: Json = {
                "id": tap.id,
                "from": self.to_dict(),
                "message": message.to_dict(),
                "chat_instance": str(message.chat.id),
                "data": data,
            }
            tap.update = self.state.tell("callback_query", body) or {}
        return tap.wait(wait_s) if wait_s else tap

    async def tap_async(
        self, message: Message, button: str, *, stale: bool = False, wait_s: float = PATIENCE_S
    ) -> Tap:
        """Tap without holding up the event loop."""
        tap = self.tap(message, button, stale=stale, wait_s=0)
        return await asyncio.to_thread(tap.wait, wait_s) if wait_s else tap

    def block(self) -> None:
        """Block the bot."""
        self._private()._change("kicked", "member", self)

    def unblock(self) -> None:
        """Take the bot back."""
        self._private()._change("member", "kicked", self)

    def _private(self) -> Chat:
        chat = self.state.rooms.get(self.id)
        if isinstance(chat, Chat):
            return chat
        raise LookupError(f"{self.name} has no private chat with the bot")

    def _file(self, chat: Chat, file: StoredFile, caption: str) -> Message:
        return self._write(chat, Version(caption, tuple(automatic(caption))), file)

    def _write(
        self,
        chat: Chat,
        version: Version,
        file: StoredFile | None = None,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        origin: Json | None = None,
    ) -> Message:
        if chat.standing == "blocked":
            raise RuntimeError(f"{self.name} has blocked the bot and has to unblock it first")
        with self.state.changed:
            if chat.standing == "unstarted":
                chat.standing = "open"
            message = Message(chat, next(chat.numbers), self, [version], file, reply_to)
            message.thread, message.origin = thread, origin
            self.state.keep(message)
            self._tell("message", message)
            return message

    def _tell(self, kind: str, message: Message) -> None:
        state = self.state
        if message.chat.standing == "open" and (not state.privacy or _meant(message, state.bot)):
            state.tell(kind, message.to_dict())


def _meant(message: Message, bot: Person) -> bool:
    """Tell whether a bot in privacy mode sees a message."""
    if message.chat.kind == "private":
        return True
    if message.reply_to is not None and message.reply_to.sender is bot:
        return True
    return any(
        kind == "bot_command" or (kind == "mention" and text == f"@{bot.username}")
        for kind, text in message.formats
    )


def _fits(message: Message, what: What) -> bool:
    if isinstance(what, str):
        return not message.deleted and what in message.text
    return bool(what(message))


def _data(message: Message, button: str, *, stale: bool) -> str:
    shown = [message.now] if not stale else message.versions[::-1]
    for version in shown:
        for row in (version.markup or {}).get("inline_keyboard", []):
            for one in row:
                data = str(one.get("callback_data", ""))
                if data and button in {one["text"], data}:
                    return data
    raise LookupError(f"no button {button!r}; shown are {message.buttons}")
