"""What goals, operations and cards are called on a button: our words or the owner's alone."""

from collections.abc import Sequence

from bot.app import App
from core.domain.errors import UnknownThingError
from core.domain.events import readable
from core.domain.events.goals import GoalStarted
from core.gates.views import card_view
from core.ports.chat_surface import CardView
from core.ports.event_log import EventQuery
from core.ports.read_models import Row

_ORIGINS = {
    "undo": "an undo",
    "access": "somebody who asks to be let in",
    "vouch": "what a file brought",
}


async def goal_titles(app: App, goals: Sequence[str]) -> dict[str, str]:
    """Return the title of each goal that the owner wrote; of others only what they are."""
    titles = {}
    for goal in goals:
        events = await app.kernel.events(EventQuery(goal=goal, type=GoalStarted.wire))
        started = next((p for p in readable(events) if isinstance(p, GoalStarted)), None)
        if started is None or started.title.value is None:
            titles[goal] = ""
        elif started.sources or started.origin != "message":
            titles[goal] = _ORIGINS.get(started.origin, "")
        else:
            titles[goal] = started.title.text
    return titles


async def card_titles(app: App, cards: Sequence[str]) -> dict[str, str]:
    """Return the title of each card; of one that outside text has a part in only what it does."""
    return {card: _card_title(app, await card_view(app.kernel, card)) for card in cards}


def _card_title(app: App, view: CardView) -> str:
    tainted = any(source.outside for item in view.items for source in item.ruling.sources)
    if not tainted:
        return view.title
    names = dict.fromkeys(item.action for item in view.items)
    return ", ".join(summary(app, name) for name in names)


def operation_title(app: App, row: Row, said: str) -> str:
    """Return what an operation said it did; where that may quote others only what it does."""
    return summary(app, str(row.doc["action"])) if row.doc["sources"] else said


def summary(app: App, action: str) -> str:
    """Return what an action does, in our own words; its name where it is not there any more."""
    try:
        return app.kernel.actions.get(action).summary
    except UnknownThingError:
        return action
