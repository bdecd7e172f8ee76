"""What a message was written below: a card is answered by it, a message is told to the planner."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adapters.telegram.incoming import Said
from adapters.telegram.places import CHANNEL, Place, read_receipt, receipt_of
from bot.app import App
from bot.front import Line
from bot.reply_target import was_shown
from bot.telegram.editing import PROMPT, SHOWN, shows_newest
from core.domain.errors import BadInputError
from core.gates.views import card_view
from core.gates.words import read_reply
from core.goals.intake import intake_key, message_name
from core.ports.read_models import Row, RowQuery
from core.projections.card_places import receipt_row

LOOKED_AT = 200
LATEST = timedelta(minutes=2)
"""How far the times of a message on Telegram and of its card here may lie apart: clocks differ by
seconds, a server that numbers its messages anew gives a number to another message later."""


async def placed(app: App, said: Said, line: Line) -> Line:
    """Return a line with what it answers: a card, what asks for new text, or another message.

    Raises BadInputError for an answer to an edit of a card that is not the newest.
    """
    if asked := PROMPT.match(said.replied):
        return replace(line, edits=asked["card"])
    if shown := SHOWN.match(said.replied):
        await _check_newest(app, shown["card"], said)
        return replace(line, card=shown["card"])
    message = await _answered(app, said)
    card = await _card(app, said, message)
    if card is None and message is None and await _is_just_shown(app, said):
        card = await _card(app, said, message)
    below = card is None and said.replied_to is not None
    return replace(line, card=card, below=below, replies_to=message.key if message else _own(said))


async def _check_newest(app: App, card: str, said: Said) -> None:
    view = await card_view(app.kernel, card)
    if view.state != "open" or shows_newest(said.replied, view) or read_reply(said.text) is None:
        return
    now = "\n".join(view.difference) or "It was taken back: the card means what it proposed first."
    message = f"Nothing was done: this is not the newest edit of {card}.\n{now}"
    raise BadInputError(message)


async def _card(app: App, said: Said, message: Row | None) -> str | None:
    """Return the card that the message shows which one replies to, None for any other message."""
    if said.replied_to is None:
        return None
    here = receipt_of(said.place.chat, [said.replied_to])
    row = await app.kernel.rows.get("card_places", receipt_row(CHANNEL, here))
    if row is None or not _is_of_its_time(row, said):
        return None
    later = message is not None and int(message.doc["position"]) > int(row.doc["position"])
    return None if later else str(row.doc["card"])


async def _is_just_shown(app: App, said: Said) -> bool:
    """Wait for the card that is just being shown here, if any; return whether it is shown now."""
    unshown = RowQuery("cards", group=said.place.conversation, states=frozenset({"unshown"}))
    if said.replied_to is None:
        return False
    rows = await app.kernel.rows.find(unshown, limit=1)
    return bool(rows) and await was_shown(app, str(rows[0].doc["card"]))


def _is_of_its_time(row: Row, said: Said) -> bool:
    """Whether the message that is replied to was sent when the card was shown."""
    sent = said.answers.rpartition(".")[2]
    if not sent.isdigit() or sent == "0":
        return True
    apart = datetime.fromisoformat(row.doc["at"]) - datetime.fromtimestamp(int(sent), UTC)
    return abs(apart) <= LATEST


def _own(said: Said) -> str | None:
    """Return the name of a message of somebody that one was written below."""
    if said.replied_to is not None or not said.answers:
        return None
    return message_name(intake_key(CHANNEL, said.answers))


async def _answered(app: App, said: Said) -> Row | None:
    """Return the message of Equerry's that one was written below; None for none that is known."""
    if said.replied_to is None:
        return None
    here = said.place
    for place in dict.fromkeys((here, Place(here.chat, named=here.named))):
        query = RowQuery(
            "outbox",
            group=place.conversation,
            states=frozenset({"sent"}),
            order="written",
            newest_first=True,
        )
        for row in await app.kernel.rows.find(query, limit=LOOKED_AT):
            found = read_receipt(row.doc.get("receipt") or "")
            if found is not None and said.replied_to in found[1]:
                return row
    return None
