"""What an edited message said before: Telegram tells of edits that change nothing one can read."""

from collections import OrderedDict

from adapters.telegram.incoming import Said
from adapters.telegram.places import CHANNEL
from bot.app import App
from core.goals.intake import clean, intake_key
from core.ports.read_models import RowQuery

REMEMBERED = 1000
LOOKED_AT = 200


class Versions:
    """Knows the words of messages: the last ones by itself, those that began a goal by the log."""

    def __init__(self, app: App) -> None:
        """Look into the log of `app`."""
        self._app = app
        self._known: OrderedDict[str, str] = OrderedDict()

    def note(self, said: Said) -> None:
        """Remember what a message says now."""
        self._known[said.name] = self._words(said.text)
        self._known.move_to_end(said.name)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def is_news(self, said: Said) -> bool:
        """Whether a message says something that it did not say before; one with a file may."""
        if not said.edited or said.files:
            return True
        known = self._known.get(said.name)
        if known is None:
            known = await self._stored(said)
        return known != self._words(said.text)

    def _words(self, text: str) -> str:
        return self._app.kernel.redactor.text(clean(text))

    async def _stored(self, said: Said) -> str | None:
        """Return the newest words of a message that the log has, None where it has none."""
        first = intake_key(CHANNEL, said.name)
        query = RowQuery(
            "messages", group=said.place.conversation, order="written", newest_first=True
        )
        for row in await self._app.kernel.rows.find(query, limit=LOOKED_AT):
            key = row.doc["key"] or ""
            if key == first or key.startswith(f"{first}.e"):
                ref = row.doc["text"]["ref"]
                return str((await self._app.kernel.log.values([ref])).get(ref, ""))
        return None
