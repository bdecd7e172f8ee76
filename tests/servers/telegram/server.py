"""The emulated Telegram: a Bot API server for the bot, people and chats for the test."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self

from tests.servers.process import LOOPBACK
from tests.servers.telegram.asking import scope_key
from tests.servers.telegram.limits import Faults, Limits
from tests.servers.telegram.model import Json, Message, Person, Version
from tests.servers.telegram.people import Chat, User
from tests.servers.telegram.state import TOKEN, Call, Hook, Otherwise, State
from tests.servers.telegram.updates import Updates
from tests.servers.telegram.webhook import Poster
from tests.servers.telegram.wire import Listener
from tests.waiting import PATIENCE_S


class TelegramServer:
    """Serves on loopback while the `with` block lasts; `stop` and `start` keep what it knows.

    `calls` has every request of the bot in order, `violations` what a well-behaved bot never does
    and Telegram might punish.
    """

    def __init__(self, token: str = TOKEN) -> None:
        self.state = State(token)
        self._port = 0
        self._listener: Listener | None = None
        self._poster: Poster | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on the port used before."""
        if self._listener is None:
            self.state.running = True
            self._listener = Listener(self.state, self._port)
            self._port = self._listener.server_port
            self._poster = Poster(self.state)

    def stop(self) -> None:
        """Refuse connections; people go on writing and their updates queue."""
        if self._listener is None or self._poster is None:
            return
        self._listener.stopping.set()
        with self.state.changed:
            self.state.running = False
            self.state.changed.notify_all()
        self._listener.stop()
        self._poster.join()
        self._listener = self._poster = None

    @property
    def api_base(self) -> str:
        """The address for `telegram.api_base`, without a slash and without `/bot`."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.state.token

    @property
    def bot(self) -> Person:
        """The bot as people see it."""
        return self.state.bot

    @property
    def calls(self) -> list[Call]:
        """What the bot asked for, in order."""
        return self.state.calls

    @property
    def violations(self) -> list[str]:
        """What the bot did that it must not do, in sentences."""
        return self.state.violations

    def answer_otherwise(self, otherwise: Otherwise) -> None:
        """Be a server that is less exact: no poll is held, and each answer is passed through."""
        self.state.otherwise = otherwise

    @property
    def faults(self) -> Faults:
        """The faults of the calls to come."""
        return self.state.faults

    @property
    def hook(self) -> Hook:
        """The webhook; `retry_s` is how soon it is tried again."""
        return self.state.hook

    @property
    def updates(self) -> Updates:
        """The updates that no bot has confirmed, under `pending`."""
        return self.state.updates

    @property
    def limits(self) -> Limits:
        """The allowance; its fields may be changed at any time."""
        return self.state.throttle.limits

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in list(self.calls) if call.method.lower() == method.lower()]

    def commands(self) -> list[Json]:
        """Return the bot's menu for everybody."""
        return self.state.commands.get(scope_key({"type": "default"}), [])

    def user(self, number: int, name: str, username: str | None = None) -> User:
        """Make a person."""
        return User(number, name, username, state=self.state)

    def private(self, user: User, *, started: bool = False) -> Chat:
        """Return a person's chat with the bot, which may write only once the person has."""
        with self.state.changed:
            known = self.state.rooms.get(user.id)
            if isinstance(known, Chat):
                return known
            standing = "open" if started else "unstarted"
            chat = Chat(user.id, user.name, {user.id: user}, standing=standing, state=self.state)
            self.state.rooms[user.id] = chat
            return chat

    def group(
        self, number: int, title: str, members: Sequence[User], *, is_forum: bool = False
    ) -> Chat:
        """Make a group (a supergroup where the number begins with -100) with the bot in it."""
        if number >= 0:
            raise ValueError("the number of a group is negative")
        people: dict[int, Person] = {member.id: member for member in members}
        chat = Chat(number, title, people, is_forum=is_forum, state=self.state)
        with self.state.changed:
            self.state.rooms[number] = chat
        if is_forum:
            next(chat.numbers)  # the General topic is number 1
        chat.add_bot(members[0])
        return chat

    def upgrade(self, group: Chat, number: int, by: User, *, tell: bool = True) -> Chat:
        """Make a group a supergroup: it has another number, and its messages are numbered anew.

        Without `tell` the bot learns of it only when it writes to the old one.
        """
        with self.state.changed:
            after = Chat(number, group.title, group.members, state=self.state)
            self.state.rooms[number] = after
            group.moved_to = number
            if tell:
                for chat, more in (
                    (group, {"migrate_to_chat_id": number}),
                    (after, {"migrate_from_chat_id": group.id}),
                ):
                    made = Message(chat, next(chat.numbers), by, [Version("")])
                    self.state.tell("message", {**made.to_dict(), **more})
            return after

    def repeat_update(self, update: Json) -> None:
        """Tell an update again, even if the bot has confirmed it."""
        with self.state.changed:
            self.state.updates.repeat(update)
            self.state.changed.notify_all()

    def revoke_token(self) -> None:
        """Let every request be refused with 401 from now on."""
        self.state.revoked = True

    def wait(
        self, found: Callable[[], Any], timeout: float = PATIENCE_S, what: str = "such thing"
    ) -> Any:  # noqa: ANN401
        """Wait until a function returns something true, and return that."""
        return self.state.wait(found, timeout, what)

    async def wait_async(
        self, found: Callable[[], Any], within_s: float = PATIENCE_S, what: str = "such thing"
    ) -> Any:  # noqa: ANN401
        """Wait without holding up the event loop."""
        return await asyncio.to_thread(self.wait, found, within_s, what)
