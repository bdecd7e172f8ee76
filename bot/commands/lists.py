"""`/inbox` and `/goals`: what waits and what is open, with what may be done about each."""

from collections.abc import Sequence

from bot.commands.answer import Answer, Block, choice
from bot.commands.naming import card_titles
from bot.commands.registry import Call
from bot.reports import lists
from core.domain.errors import BadInputError
from core.domain.events import NewEvent
from core.domain.events.gates import CardWanted
from core.domain.own_words import Own
from core.gates.decide import check_open
from core.gates.views import card_view
from core.projections.goals import OPEN

MOST = 9
"""One more than a message has buttons: a surface that leaves some out can say so."""


async def inbox(call: Call) -> Sequence[Block]:
    """List the cards that wait, or show one of them here again."""
    if len(call.words) > 1:
        again = ", or /inbox CARD to see one of them again."
        message = Own("Write /inbox to list the cards") + again
        raise BadInputError(message)
    if call.words:
        return await _again(call, call.words[0].upper())
    report = await lists.inbox(call.app)
    readable = [one for one in report.data if "problem" not in one]
    cards = [str(one["card"]) for one in readable[:MOST]]
    titles = await card_titles(call.app, cards)
    shown = [choice(card, "inbox", card, title=titles[card]) for card in cards]
    return Answer([report.text], shown)


async def _again(call: Call, card: str) -> Sequence[str]:
    """Have an open card shown in this conversation. Raises with a sentence for any other."""
    view = await card_view(call.app.kernel, card)
    check_open(view)
    payload = CardWanted(card=card, conversation=call.conversation, by=call.by)
    event = NewEvent(stream=f"card:{card}", payload=payload, actor=call.by, key=call.key)
    await call.app.kernel.log.append([event])
    await call.app.engine.wake(call.conversation)
    return []


async def goals(call: Call) -> Sequence[Block]:
    """List the open goals and the newest that ended; an open one can be asked about or stopped."""
    report = await lists.goals(call.app)
    opened = [str(one["goal"]) for one in report.data if one["state"] in OPEN]
    pairs = [
        choice(f"{verb.capitalize()} {goal}", verb, goal)
        for goal in opened[:MOST]
        for verb in ("why", "stop")
    ]
    return Answer([report.text], pairs)
