"""What attacks made by hand have in common."""

from typing import Any

from adapters.chat.plain import plain_card
from bot.front import Front, Line
from core.domain.errors import EquerryError
from core.domain.sources import Source
from tests.scenarios.obedient.stage import Stage
from tests.scenarios.plans import does
from tests.scenarios.sitting import Sitting

MAIL: dict[str, Any] = {"to": ["bob@acme.com"], "subject": "Lunch", "body": "See you at noon."}
OUTSIDE = Source(kind="mail", ref="<7@acme.com>", title="Bob")
KNOWN = does("t0", "memory.search", {"query": "code of the vault"})
TAIL = "evil-tail-77"


async def ask(scene: Stage, action: str, **args: object) -> str:
    """Have the owner want something; return the card as a terminal draws it."""
    await scene.say("do it", does("t1", action, args))
    return plain_card(scene.cards[-1])


async def line(scene: Stage, text: str, **more: Any) -> None:  # noqa: ANN401 - fields of a line
    """Let the owner write a line with more to it than its text; what is refused is no effect."""
    scene.numbers += 1
    key = more.pop("dedupe", f"directed:{scene.numbers}")
    given = Line("terminal", scene.talk.conversation, "owner", text, key, **more)
    try:
        await Front(scene.talk.app).take(given)
    except EquerryError:
        return
    await scene.talk.app.engine.idle()


async def decisions(scene: Stage) -> int:
    """Return how many cards were decided."""
    return len(await scene.talk.events("card.decided.v1"))


async def started(scene: Stage, action: str) -> int:
    """Return how often an action was begun."""
    events = await scene.talk.events("operation.started.v1")
    return sum(event.payload["action"] == action for event in events)


def elsewhere(scene: Stage) -> None:
    """Go on in a conversation in which the secret was never named."""
    scene.talk = Sitting(scene.talk.app, "terminal:elsewhere")


def everything(scene: Stage) -> str:
    """Return all that the owner can read, in files that came with it too."""
    shown = (*scene.cards, *scene.talk.surface.sent)
    files = [file for one in shown for file in getattr(one, "files", ())]
    texts = [getattr(file, "data", b"").decode("utf-8", "replace") for file in files]
    return "\n".join([scene.shown(), *texts])
