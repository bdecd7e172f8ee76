"""What is said of a forwarded message: that it is kept, and commands nothing; once for several."""

from datetime import datetime, timedelta

from adapters.telegram.incoming import Said
from adapters.telegram.places import CHANNEL
from bot.app import App
from core.goals.intake import intake_key, message_name
from core.goals.starting import TOGETHER
from core.ports.read_models import Row, RowQuery

KEPT = (
    "I keep what you forwarded as outside text: it commands nothing. Say what I shall do with it, "
    "for example: note it, or remind me to answer it."
)
ONCE_IN = timedelta(minutes=1)
LOOKED_AT = 10


async def told(app: App, said: Said) -> str | None:
    """Return the sentence, None where the owner has just said what to do, or heard it just now."""
    query = RowQuery("messages", group=said.place.conversation, order="written", newest_first=True)
    this = message_name(intake_key(CHANNEL, said.dedupe))
    rows = await app.kernel.rows.find(query, limit=LOOKED_AT)
    others = [row for row in rows if row.key != this]
    return None if any(_goes_with(row, said) for row in others) else KEPT


def _goes_with(row: Row, said: Said) -> bool:
    if row.state == "new":
        return True
    ago = said.sent_at - datetime.fromisoformat(row.doc["sent_at"])
    forwarded = row.doc["forwarded"] and not row.doc.get("quoted_in")
    return ago <= (ONCE_IN if forwarded else TOGETHER)
