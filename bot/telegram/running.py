"""Telegram while the program runs: connected, paired, polling or called."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit

from adapters.telegram.api import PauseError, TelegramApi, TokenRefusedError
from adapters.telegram.incoming import Incoming, Moved, Said
from adapters.telegram.pacing import Pacer
from adapters.telegram.places import CHANNEL
from adapters.telegram.polling import PAUSES_S, Poller
from adapters.telegram.surface import TelegramSurface
from adapters.telegram.webhook import WebhookServer
from bot.app import App
from bot.commands.catalog import build_commands
from bot.config.channels import Telegram
from bot.front import Front
from bot.telegram.alarm import StorageAlarm
from bot.telegram.editing import Editing
from bot.telegram.held import HeldNotices
from bot.telegram.inbox import Inbox
from bot.telegram.moving import Moving
from bot.telegram.status_ahead import StatusAhead
from bot.telegram.taps import Taps
from core.access.register import Register
from core.domain.errors import STORE_ERRORS, EquerryError, RefusedError
from core.domain.pauses import nth_pause
from core.goals.agenda import RowAgenda
from core.telemetry.health import LEFT_OUT

MOST_COMMANDS, LONGEST_HELP = 100, 256

logger = logging.getLogger(__name__)
Tell = Callable[[str], None]


class TelegramRunner:
    """One bot in front of one application."""

    def __init__(self, app: App, tell: Tell) -> None:
        """Say on `tell` what the person at the machine has to know."""
        self._app, self._tell = app, tell
        self._config: Telegram = app.config.telegram
        kernel = app.kernel
        token = self._config.token
        if token is None:
            message = "Telegram is not configured: set telegram.token."
            raise RefusedError(message)
        self.api = TelegramApi(token.get_secret_value(), self._config.api_base, Pacer(kernel.clock))
        self.surface = TelegramSurface(self.api, kernel.clock, kernel.zone)
        owners = frozenset(str(one) for one in self._config.owner_ids)
        register = Register(kernel, CHANNEL, owners)
        editing = Editing(app, self.surface, Front(app))
        taps = Taps(app, self.surface, register, editing)
        self._moving = Moving(app, self.surface, register)
        self._held = HeldNotices(app, register)
        self.inbox = Inbox(app, register, editing, taps)
        self.inbox.pairing.tell = tell
        self._alarm = StorageAlarm(
            self.api, lambda: register.known_owners, kernel.clock, kernel.redactor, kernel.zone
        )
        self._said = ""

    async def run(self) -> None:
        """Serve until cancelled. Raises RefusedError with a sentence where that cannot be."""
        untell = self._app.storage.tell(self._alarm.heard)
        try:
            await self._patiently(self.api.open, EquerryError)
            await self._patiently(self._invite, *STORE_ERRORS)
            self._app.attach(self.surface)
            await self._patiently(self._take_up, *STORE_ERRORS)
            if self._config.mode == "webhook":
                await self._be_called()
            else:
                await self._poll()
        finally:
            untell()
            await self._alarm.stop()
            self._app.detach(self.surface)
            await self._held.stop()
            await self._moving.stop()
            await self.surface.close()
            await self.api.close()

    async def _poll(self) -> None:
        ahead = StatusAhead(self._app, self.api)
        clock = self._app.kernel.clock
        poller = Poller(self.api, self._take, self._report, self._leave_out, clock, ahead)
        unwait = self._app.storage.retry(poller.hasten)
        try:
            await poller.run()
        finally:
            unwait()

    async def _take_up(self) -> None:
        """Show what is due, and what a move left behind."""
        await self._app.health.say(LEFT_OUT, "well")
        await self._moving.start()
        await self._held.tell()
        for conversation in await RowAgenda(self._app.kernel.rows).unfinished():
            if conversation.startswith(f"{CHANNEL}:"):
                await self._app.engine.wake(conversation)

    async def _patiently(
        self,
        step: Callable[[], Awaitable[None]],
        *passing: type[EquerryError],
    ) -> None:
        """Take a step once that can be done, however long it takes: what is `passing` passes.

        Raises TokenRefusedError, and whatever else does not pass.
        """
        failures = 0
        while True:
            try:
                await step()
            except TokenRefusedError:
                raise
            except passing as error:
                if not failures:
                    self._tell(f"{error} Trying again …")
                asked = error.pause_s if isinstance(error, PauseError) else 0
                pause = nth_pause(PAUSES_S, failures)
                await self._app.kernel.clock.sleep(max(pause, asked))
                failures += 1
            else:
                return

    async def _take(self, incoming: Incoming | Moved) -> None:
        """Take what came in, in the conversation it belongs to.

        What the store, or another place on the disk, does not take is to be delivered again.
        """
        try:
            here = await self._moving.take(incoming)
            if isinstance(here, Said) and here.written:
                here = replace(here, sent_at=self.api.time.as_own(here.sent_at))
            if here is not None:
                await self.inbox.take(here)
        except (*STORE_ERRORS, OSError) as error:
            self._app.storage.failed(error)
            raise

    async def _invite(self) -> None:
        """Say where the bot is, and how to become its owner; put its commands into the menu."""
        name, code = self.api.bot.username, await self.inbox.pairing.offer()
        self._tell(f"Telegram: @{name} listens.")
        if code is not None:
            self._tell(
                f"No owner yet. Send @{name} this, once: /start {code}\n"
                f"(or open https://t.me/{name}?start={code})"
            )
        try:
            await self._put_menu()
        except EquerryError as error:
            logger.warning("the menu of commands was not set: %s", error)

    async def _put_menu(self) -> None:
        from telegram import BotCommand

        commands = [
            BotCommand(command.name, command.help[:LONGEST_HELP])
            for command in build_commands().all()[:MOST_COMMANDS]
        ]
        await self.api.call(lambda: self.api.bot.set_my_commands(commands))

    async def _be_called(self) -> None:
        hook = self._config.webhook
        if hook.url is None or hook.secret is None:
            message = (
                "telegram.mode webhook needs telegram.webhook.url and telegram.webhook.secret."
            )
            raise RefusedError(message)
        path = urlsplit(hook.url).path or "/"
        server = WebhookServer(self.api, self._take, hook.secret.get_secret_value(), path)
        await server.start(hook.host, hook.port)
        try:
            await server.register(hook.url)
            await asyncio.Event().wait()
        finally:
            await server.stop()

    async def _leave_out(self, update: int) -> None:
        """Write down that something from Telegram was given up; a start begins anew."""
        reason = (
            f"Update {update} of Telegram broke the program again and again and was left out: the "
            "log file says where. If an answer is missing, write it again in other words."
        )
        await self._app.health.say(LEFT_OUT, "failing", reason)

    async def _report(self, problem: str) -> None:
        """Write down that Telegram fails, or is well again; on the screen it is said once."""
        if problem and problem != self._said:
            self._tell(problem)
        self._said = problem
        await self._app.health.say(CHANNEL, "failing" if problem else "well", problem)
