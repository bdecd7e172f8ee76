"""`/status` in a private chat while the store does not answer: from memory, past all that waits."""

from adapters.telegram.api import TelegramApi
from adapters.telegram.incoming import Incoming, Moved, Said
from bot.app import App
from bot.front import STATUS
from bot.reports.status import answers, from_memory


class StatusAhead:
    """Answers through the Bot API itself: a queue in the store would not send it."""

    def __init__(self, app: App, api: TelegramApi) -> None:
        """Answer owners of `app`, those of the config and those that were known last."""
        self._app, self._api = app, api
        self._configured = {str(one) for one in app.config.telegram.owner_ids}

    async def is_needed(self) -> bool:
        """Whether the store does not answer."""
        return not await answers(self._app)

    async def take(self, incoming: Incoming | Moved) -> bool:
        """Answer an owner who asks; return whether that was done."""
        if not isinstance(incoming, Said) or not self._asks(incoming):
            return False
        if not await self.is_needed():
            return False
        report = await from_memory(self._app)
        chat = incoming.place.chat
        await self._api.say(chat, lambda: self._api.bot.send_message(chat, report.text))
        return True

    def _asks(self, said: Said) -> bool:
        owners = self._configured | self._app.last_status.owners
        plain = said.private and not (said.forwarded or said.edited or said.files or said.quotes)
        return plain and said.person.ident in owners and said.text.strip().lower() == STATUS
