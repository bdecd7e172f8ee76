"""Which card an answer in words means: the one it names or replies to, or the only open one."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from bot.app import App
from bot.commands.answer import WhichCardError, answers_line, choice
from bot.commands.naming import card_titles
from core.domain.errors import BadInputError
from core.domain.events.gates import CardShown
from core.domain.own_words import Own, joined
from core.gates.views import card_view, from_outside
from core.gates.words import Answer
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery

if TYPE_CHECKING:
    from bot.front import Line

WAITS_S = 2.0
"""How long an answer waits for the send that it answers: that returns within a second."""
NAMED = 9
"""Cards that a question names; one more than a message has buttons, so that it can say so."""


async def meant_card(app: App, line: "Line", answer: Answer) -> str | None:
    """Return the card that an answer means, None where it means none and is talk.

    Raises WhichCardError for an answer that may mean several, BadInputError for one of two cards
    at once, or of none.
    """
    if line.card is not None:
        if answer.card is not None and answer.card != line.card:
            message = f"You answer card {line.card} and name {answer.card}: which one is it?"
            raise BadInputError(message)
        return line.card
    if answer.card is not None:
        is_there = not answer.unsure or await app.kernel.log.version(f"card:{answer.card}")
        return answer.card if is_there else None
    if line.below and answer.soft:  # a yes to something else that was said
        return None
    return await _only_card(app, line, answer)


async def open_cards(app: App, conversation: str, most: int) -> Sequence[str]:
    """Return up to `most` of the cards that are open in a conversation, the newest first."""
    rows = await app.kernel.rows.find(_open_in(conversation), limit=most)
    return [str(row.doc["card"]) for row in rows]


async def was_shown(app: App, card: str) -> bool:
    """Return whether some surface has shown a card; one that is just being shown is waited for.

    An answer can be here before the send that it answers has returned. What quiet hours hold back
    nobody has seen, so no mere word accepts it.
    """
    position, _ = await app.kernel.log.head()
    row = await app.kernel.rows.get("card_places", card)
    if row is None or row.doc["shown"]:
        return row is not None
    query = EventQuery(stream=f"card:{card}", type=CardShown.wire, after=position)
    with suppress(TimeoutError):
        async with asyncio.timeout(WAITS_S):
            async for _ in app.kernel.log.subscribe(query):
                return True
    return False


async def _only_card(app: App, line: "Line", answer: Answer) -> str | None:
    """Return the only open card of a conversation, if no outside text has a part in it."""
    here = await open_cards(app, line.conversation, 2)
    if not here:
        if answer.soft or line.below or not answer.is_bare:
            return None
        message = "No card is open here: there is nothing to answer."
        raise BadInputError(message)
    if not await was_shown(app, here[0]):
        await _ask_which(app, line.conversation, "No card was shown here yet; this one waits.")
    if len(here) > 1 or line.below:
        await _ask_which(app, line.conversation, "Which card do you mean?")
    if await from_outside(app.kernel, await card_view(app.kernel, here[0])):
        why = "Outside text has a part in this card, so it is answered by its name alone."
        await _ask_which(app, line.conversation, why)
    return here[0]


async def _ask_which(app: App, conversation: str, why: str) -> NoReturn:
    """Raise WhichCardError with the open cards of a conversation, each to be shown again."""
    cards = await open_cards(app, conversation, NAMED)
    titles = await card_titles(app, cards)
    more = await app.kernel.rows.count(_open_in(conversation)) - len(cards)
    lines: list[str] = [why, *(f"{card}  {titles[card]}" for card in cards)]
    lines += [Own(f"… and {more} more: /inbox")] if more > 0 else []
    choices = [one for card in cards for one in choice(card, "inbox", card)]
    raise WhichCardError(joined([*lines, answers_line(cards[0])]), choices)


def _open_in(conversation: str) -> RowQuery:
    return RowQuery(
        "card_places",
        group=conversation,
        states=frozenset({"open"}),
        order="written",
        newest_first=True,
    )
