"""The webhook: Telegram calls, and is told 200 only after an update was handled durably."""

import hmac
import logging
from typing import TYPE_CHECKING

from adapters.telegram.api import TelegramApi
from adapters.telegram.incoming import WANTED, Handle, hand_over
from adapters.telegram.lenient import filled
from core.domain.errors import RefusedError

if TYPE_CHECKING:
    from aiohttp import web

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a name
MOST_BYTES = 1_000_000

logger = logging.getLogger(__name__)


class WebhookServer:
    """Listens on an address of this machine; calls without the secret are refused unread."""

    def __init__(self, api: TelegramApi, handle: Handle, secret: str, path: str) -> None:
        """Hand updates to `handle`; they come to `path`, which the public address ends with."""
        self._api, self._handle, self._secret, self._path = api, handle, secret, path
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises RefusedError where the address cannot be used."""
        from aiohttp import web

        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post(self._path, self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            message = (
                f"telegram.webhook: {host}:{port} cannot be listened on: {error.strerror or error}."
            )
            raise RefusedError(message) from error

    async def register(self, url: str) -> None:
        """Tell Telegram where to call. Raises as `TelegramApi.call`."""
        bot = self._api.bot
        await self._api.call(
            lambda: bot.set_webhook(
                url,
                secret_token=self._secret,
                allowed_updates=WANTED,
                drop_pending_updates=False,
                max_connections=1,
            )
        )

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: "web.Request") -> "web.Response":
        from aiohttp import web
        from telegram import Update

        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            logger.warning("a call of the webhook had a wrong secret")
            return web.Response(status=403)
        try:
            raw = await request.json()
        except ValueError:
            raw = None
        if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
            logger.warning("a call of the webhook was no update")
            return web.Response(status=400)
        filled(raw)
        if not self._api.can_read(raw):
            return web.Response(status=200)  # it would be no better when it comes again
        update = Update.de_json(raw, self._api.bot)
        try:
            await hand_over(update, self._api.bot.bot, self._handle)
        except Exception:
            logger.exception("an update of Telegram could not be handled")
            return web.Response(status=500)  # Telegram delivers it again
        return web.Response(status=200)
