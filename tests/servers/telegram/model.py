"""What Telegram keeps: people, messages with their versions, files, taps."""

import mimetypes
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.servers.telegram.images import size_of
from tests.servers.telegram.units import cut
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from tests.servers.telegram.rooms import Room

Json = dict[str, Any]
NO_SIZE = (90, 90)


@dataclass(eq=False)
class Person:
    """A user or the bot."""

    id: int
    name: str
    username: str | None = None
    is_bot: bool = False

    def to_dict(self) -> Json:
        """Return it as the API tells it."""
        whole: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.name}
        return whole | ({"username": self.username} if self.username else {})


class StoredFile(NamedTuple):
    """A file on Telegram's side; `kind` is document, photo or voice."""

    id: str
    kind: str
    name: str
    data: bytes

    @property
    def path(self) -> str:
        """Where it is downloaded from, below the token."""
        end = self.name.rpartition(".")[2] if "." in self.name else "bin"
        return f"{self.kind}s/{self.id}.{end}"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a picture, made up for what is none."""
        return size_of(self.data) or NO_SIZE

    def to_dict(self, *, with_path: bool = False) -> Json:
        """Return the ids and size that every kind of file has."""
        whole: Json = {
            "file_id": self.id,
            "file_unique_id": f"unique-{self.id}",
            "file_size": len(self.data),
        }
        return whole | ({"file_path": self.path} if with_path else {})

    def attachment(self) -> Json:
        """Return the field that a message with this file has."""
        if self.kind == "photo":
            width, height = self.size
            small = {"file_id": f"{self.id}-s", "file_unique_id": f"unique-{self.id}-s"}
            sizes = [
                {**self.to_dict(), **small, "width": width // 2 or 1, "height": height // 2 or 1},
                {**self.to_dict(), "width": width, "height": height},
            ]
            return {"photo": sizes}
        if self.kind == "voice":
            return {"voice": {**self.to_dict(), "duration": 1, "mime_type": "audio/ogg"}}
        guessed = mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return {"document": {**self.to_dict(), "file_name": self.name, "mime_type": guessed}}


class Version(NamedTuple):
    """How a message read at one time; `markup` is as the bot sent it."""

    text: str
    entities: tuple[Json, ...] = ()
    markup: Json | None = None
    no_preview: bool = False

    def same(self, other: "Version") -> bool:
        """Tell whether a reader would see no difference."""
        mine, theirs = self.markup or None, other.markup or None
        if (self.text, self.entities) != (other.text, other.entities):
            return False
        name = "inline_keyboard"
        return bool((mine or {}).get(name, []) == (theirs or {}).get(name, []))


@dataclass(eq=False)
class Message:
    """A message, live: it reads as the user sees it now; `versions` has how it read before."""

    chat: "Room"
    id: int
    sender: Person
    versions: list[Version]
    file: StoredFile | None = None
    reply_to: "Message | None" = None
    thread: int | None = None
    silent: bool = False
    origin: Json | None = None
    deleted: bool = False
    date: int = field(default_factory=lambda: int(time.time()))
    edit_date: int | None = None
    edited_at: list[float] = field(default_factory=list)
    at: float = field(default_factory=time.monotonic)

    @property
    def root(self) -> int | None:
        """The message that the thread of replies grew from which it is part of."""
        if self.reply_to is None:
            return None
        return self.reply_to.root or self.reply_to.id

    @property
    def now(self) -> Version:
        """The version that is shown."""
        return self.versions[-1]

    @property
    def text(self) -> str:
        """The text, or the caption of a file."""
        return self.now.text

    @property
    def entities(self) -> tuple[Json, ...]:
        """The entities of the text or caption, those found by Telegram included."""
        return self.now.entities

    @property
    def formats(self) -> list[tuple[str, str]]:
        """The kind of each entity with the text it covers."""
        return [(e["type"], cut(self.text, e["offset"], e["length"])) for e in self.entities]

    @property
    def rows(self) -> list[list[Json]]:
        """The inline buttons, row by row, as the bot sent them."""
        rows: list[list[Json]] = (self.now.markup or {}).get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> list[list[str]]:
        """What the inline buttons say, row by row."""
        return [[button["text"] for button in row] for row in self.rows]

    @property
    def edited(self) -> bool:
        """Whether it was edited."""
        return self.edit_date is not None

    @property
    def asks_reply(self) -> bool:
        """Whether it opens the user's reply field (ForceReply)."""
        return bool((self.now.markup or {}).get("force_reply"))

    @property
    def link_preview(self) -> bool:
        """Whether links in it would be shown with a preview."""
        return not self.now.no_preview

    @property
    def from_bot(self) -> bool:
        """Whether a bot sent it."""
        return self.sender.is_bot

    def edit(self, version: Version) -> None:
        """Show another version from now on."""
        self.versions.append(version)
        self.edit_date = int(time.time())
        self.edited_at.append(time.monotonic())

    def to_dict(self, *, with_reply: bool = True) -> Json:
        """Return it as the API tells it."""
        whole: Json = {
            "message_id": self.id,
            "date": self.date,
            "chat": self.chat.to_dict(),
            "from": self.sender.to_dict(),
            **self._content(),
        }
        if self.thread is not None:
            whole |= {"message_thread_id": self.thread, "is_topic_message": True}
        elif self.root is not None and self.chat.kind == "supergroup":
            whole |= {"message_thread_id": self.root}
        if with_reply and self.reply_to is not None and not self.reply_to.deleted:
            whole["reply_to_message"] = self.reply_to.to_dict(with_reply=False)
        if self.rows:
            whole["reply_markup"] = {"inline_keyboard": self.rows}
        optional = {"edit_date": self.edit_date, "forward_origin": self.origin}
        return whole | {name: value for name, value in optional.items() if value is not None}

    def _content(self) -> Json:
        name, more = "text", "entities"
        whole: Json = {}
        if self.file is not None:
            name, more = "caption", "caption_entities"
            whole = self.file.attachment()
        if self.text:
            whole[name] = self.text
        if self.entities:
            whole[more] = list(self.entities)
        if self.now.no_preview and self.file is None:
            whole["link_preview_options"] = {"is_disabled": True}
        return whole


@dataclass(eq=False)
class Tap:
    """A tap on a button: what the bot answered, and how long that took."""

    id: str
    person: Person
    message: Message
    data: str
    update: Json = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    answer: str | None = None
    alert: bool = False
    after_s: float | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def answered(self) -> bool:
        """Whether the bot answered."""
        return self.done.is_set()

    def wait(self, timeout: float = PATIENCE_S) -> "Tap":
        """Wait for the answer; raises TimeoutError."""
        if not self.done.wait(timeout):
            raise TimeoutError(f"the bot did not answer the tap on {self.data!r}")
        return self
