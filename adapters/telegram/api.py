"""The Bot API as Equerry uses it: calls that are paced, and errors that say what may be done."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from adapters.telegram.lenient import Json, make_request
from adapters.telegram.pacing import Pacer
from core.domain.errors import (
    EquerryError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
    UndeliverableError,
)
from core.log.trusted_clock import JUMP
from core.ports.clock import Clock

if TYPE_CHECKING:
    from telegram.error import TelegramError

logger = logging.getLogger(__name__)
T = TypeVar("T")
POLL_S = 25
"""How long the server holds a getUpdates open."""
ANSWER_S = 20.0
GRACE_S = 5.0
PATIENCE_S = 65.0
"""Longest pause that Telegram may ask for before a call is given back to be tried later."""
SAME_CLOCK = timedelta(seconds=30)
"""How far two looks at the clocks may differ: it is a slow answer that makes so little."""


class TelegramRefusedError(RefusedError):
    """Telegram refused a call; `description` is what it said."""

    def __init__(self, description: str) -> None:
        """Keep its words."""
        super().__init__(f"Telegram refused it: {description}.")
        self.description = description.lower()


class MovedError(RefusedError):
    """A group has become a supergroup: `chat` is its new id, and the old one takes nothing."""

    def __init__(self, chat: str) -> None:
        """Keep where it is now."""
        super().__init__(f"The group has moved to {chat}.")
        self.chat = chat


class PauseError(TransientError):
    """Telegram takes nothing here for `pause_s` seconds, however many those are."""

    def __init__(self, pause_s: float) -> None:
        """Keep the whole pause; what is `retry_after` elsewhere ends at an hour."""
        minutes = f" of {pause_s / 60:.0f} minutes" if pause_s > PATIENCE_S else ""
        super().__init__(f"Telegram asks for a pause{minutes}.", retry_after=pause_s)
        self.pause_s = pause_s


class TokenRefusedError(RefusedError):
    """Telegram does not know the token (any more)."""


class SecondPollerError(TransientError):
    """Another program asks for the updates of the same bot, or a webhook is set."""


class TelegramTime:
    """Telegram's clock against the own one, which may be wrong; each answer of it tells the time.

    How long a message waited shows by one clock only.
    """

    def __init__(self, clock: Clock) -> None:
        """Take both for equal until an answer tells otherwise."""
        self._clock, self._apart = clock, timedelta()

    def learn(self, told: str | None) -> None:
        """Take the `Date` of an answer that comes in now; one that cannot be read tells nothing."""
        try:
            theirs = parsedate_to_datetime(told or "")
        except ValueError:
            return
        apart = self._clock.now() - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
        if apart < -JUMP:  # the own clock stood still, or is doubted: their time sets it right
            apart = timedelta()
        if abs(apart - self._apart) > SAME_CLOCK:
            self._apart = apart

    def as_own(self, at: datetime) -> datetime:
        """Return what the own clock said when Telegram's said `at`."""
        return at + self._apart


class TelegramApi:
    """One bot.

    Every call may raise TransientError (not done), OutcomeUnknownError (perhaps done),
    UndeliverableError (this chat takes nothing), MovedError, TelegramRefusedError or
    TokenRefusedError.
    """

    def __init__(self, token: str, api_base: str, pacer: Pacer) -> None:
        """Talk to the Bot API under `api_base` with `token`."""
        os.environ["PTB_TIMEDELTA"] = "true"  # spans of time as what they are, without a warning
        from telegram import Bot

        base = api_base.rstrip("/")
        self._pacer, self.time = pacer, TelegramTime(pacer.clock)
        self._under_way, self._closing, self._opened = 0, False, False
        self._quiet = asyncio.Event()
        self._calls = make_request(
            self.time.learn, connection_pool_size=32, read_timeout=ANSWER_S, media_write_timeout=60
        )
        self._poll = make_request(
            self.time.learn, reads=self.can_read, connection_pool_size=2, read_timeout=ANSWER_S
        )
        self.bot: Bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._calls,
            get_updates_request=self._poll,
        )

    async def open(self) -> None:
        """Check the token. Raises TokenRefusedError, TransientError."""
        await self._calls.initialize()
        await self._poll.initialize()
        await self.call(self.bot.initialize)
        self._opened = True

    async def close(self) -> None:
        """Begin no call any more, let those under way end, and let go of the connections."""
        self._closing = True
        if self._under_way:
            self._quiet.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), GRACE_S)
        await self._poll.shutdown()
        await self._calls.shutdown()

    def can_read(self, raw: Json) -> bool:
        """Return whether the library reads an update; one that it does not is left out."""
        from telegram import Update

        try:
            Update.de_json(raw, self.bot)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            logger.error(  # noqa: TRY400 - what it says may quote the update
                "update %s of Telegram cannot be read (%s) and is left out",
                raw.get("update_id"),
                type(error).__name__,
            )
            return False
        return True

    async def reopen(self) -> None:
        """Begin the poll with new connections."""
        await self._poll.shutdown()
        await self._poll.initialize()

    async def call(self, do: Callable[[], Awaitable[T]]) -> T:
        """Make a call that is not paced."""
        from telegram.error import TelegramError

        if self._closing:
            message = "Telegram is being left."
            raise TransientError(message)
        self._under_way += 1
        try:
            return await do()
        except TelegramError as error:
            raise told(error, known=self._opened) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"Telegram's answer cannot be read ({type(error).__name__})."
            raise OutcomeUnknownError(message) from error
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._quiet.set()

    async def say(self, chat: str, do: Callable[[], Awaitable[T]]) -> T:
        """Make a call that spends the allowance of a chat; pauses that Telegram asks for are kept.

        Calls for a chat are made in the order in which they came. Raises PauseError, and asks
        Telegram nothing, while the chat is to be left alone for longer than anybody waits here.
        """
        async with self._pacer.turn(chat) as turn:
            while True:
                if turn.held > PATIENCE_S:
                    raise PauseError(turn.held)
                await turn.ready()
                try:
                    return await self.call(do)
                except PauseError as error:
                    turn.pause(error.pause_s)

    async def beside(self, chat: str, do: Callable[[], Awaitable[T]]) -> T:
        """Make a call for a chat that spends nothing of its allowance.

        Raises PauseError, and asks Telegram nothing, while the chat is to be left alone.
        """
        held = self._pacer.held(chat)
        if held > 0:
            raise PauseError(held)
        try:
            return await self.call(do)
        except PauseError as error:
            self._pacer.hold(chat, error.pause_s)
            raise


def told(error: "TelegramError", *, known: bool = False) -> EquerryError:
    """Return an error of the library as one of ours; no text of it holds the token.

    `known`: the token was taken before, so a 404 means that the server has no such method.
    """
    from telegram import error as errors

    if isinstance(error, errors.RetryAfter):
        wanted = error.retry_after
        seconds = float(wanted) if isinstance(wanted, int) else wanted.total_seconds()
        return PauseError(seconds)
    if isinstance(error, errors.ChatMigrated):
        return MovedError(str(error.new_chat_id))
    if isinstance(error, errors.InvalidToken) and known and "unauthorized" not in _lower(error):
        return TelegramRefusedError(error.message)
    if isinstance(error, errors.InvalidToken):
        return TokenRefusedError(
            "Telegram does not know the token of telegram.token: it is wrong or was revoked. "
            "Ask @BotFather for it, and start again."
        )
    if isinstance(error, errors.Conflict):
        return SecondPollerError(
            "Another program takes the updates of this bot: only one may. Stop the other one, or "
            "give this one a bot of its own."
        )
    if isinstance(error, errors.Forbidden) or "chat not found" in _lower(error):
        return UndeliverableError(f"Telegram does not deliver to this chat: {error.message}.")
    if isinstance(error, errors.BadRequest) or _is_too_large(error.message):
        return TelegramRefusedError(error.message)
    return _network(error)


def _lower(error: "TelegramError") -> str:
    return error.message.lower()


def _is_too_large(message: str) -> bool:
    """Whether a call was refused unread for its size, which HTTP says with a code of its own."""
    return "too large" in message.lower()


def _network(error: "TelegramError") -> EquerryError:
    """Say whether a call that broke off can have been made."""
    import httpx

    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    if isinstance(error.__cause__, unsent):
        return TransientError("Telegram cannot be reached.")
    what = type(error.__cause__ or error).__name__
    return OutcomeUnknownError(f"Telegram's answer did not arrive ({what}).")
