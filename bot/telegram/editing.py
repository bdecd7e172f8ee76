"""Editing a card on Telegram: a draft to reply to, and the difference with buttons.

Nothing of it is kept in this process: the message to reply to names its card, and what the owner
wrote is an event of the card. One thing is, for a few minutes: who pressed Edit and then just
writes, as apps without replies make them do, means the new text.
"""

import re
from datetime import timedelta

from adapters.chat.safe_text import safe_text
from adapters.telegram.incoming import Said
from adapters.telegram.keyboards import draft_keyboard
from adapters.telegram.places import CHANNEL, Place
from adapters.telegram.rich import Rich, cut, join, styled, tidy, without_commands
from adapters.telegram.split import LIMIT
from adapters.telegram.surface import TelegramSurface
from bot.app import App
from bot.commands.answer import Drafted
from bot.front import Front, Line
from core.domain.errors import BadInputError
from core.gates.drafts import draft_of
from core.gates.words import content_field, fields_of
from core.ports.chat_surface import CardView
from core.ports.event_log import EventQuery

PROMPT = re.compile(r"^Edit (?P<card>C[A-Z2-7]{8}) ")
"""How the message begins that asks for the new text of a card."""
SHOWN = re.compile(r"^Edit of (?P<card>C[A-Z2-7]{8})\b")
"""How the message begins that shows what an edit changes."""
LONGEST_DRAFT = 3000
LONGEST_SHOWN = LIMIT - 400
"""UTF-16 units of a difference; what stands below it has room in the same message."""
PATIENCE = timedelta(minutes=5)
"""How long after Edit a message that replies to nothing is the new text."""
TAKEN = "You pressed Edit, so I took this as the new text. If it was not: just send it again."
FIXED = (
    "An edited message changes no card: what you wrote first was {what}. Press Edit on the card, "
    "or reply to it, to change it again."
)


class Editing:
    """Asks for new text, and shows what it changes. `front` is where the owner's lines go."""

    def __init__(self, app: App, surface: TelegramSurface, front: Front) -> None:
        """Edit the cards of `app` in the chats of `surface`."""
        self._app, self._surface, self.front = app, surface, front

    def expect(self, view: CardView, place: Place, person: str) -> None:
        """Take the next line of this person in this place as the new text, for a while."""
        line = Line(CHANNEL, place.conversation, person, "", "")
        self.front.expect(line, view.card, self._app.kernel.clock.now() + PATIENCE)

    async def ask(self, view: CardView, place: Place) -> None:
        """Send what is there now, to be replied to with what shall be there."""
        await self._surface.ask(place, _prompt(view))

    async def show(self, place: Place, view: CardView, note: str = "") -> None:
        """Show what the newest edit of a card changes, with the buttons that answer it."""
        shown = draft_text(view)
        if note:
            shown = join([shown, styled(note, "italic")], "\n")
        await self._surface.write(place, shown, draft_keyboard(view))

    async def show_drafted(self, said: Said, drafted: Drafted) -> None:
        """Show the edit that a message was taken as; one that replied to nothing is told why."""
        await self.show(said.place, drafted.view, TAKEN if drafted.expected else "")

    async def was_taken(self, said: Said) -> str | None:
        """Return a sentence for a changed message whose first form edited or decided a card."""
        if await draft_of(self._app.kernel, said.name) is not None:
            return FIXED.format(what="taken as the new text of one")
        keys = (f"tap:{said.name}",)
        if await self._app.kernel.log.read(EventQuery(keys=keys), limit=1):
            return FIXED.format(what="your answer to one")
        return None


def draft_text(view: CardView) -> Rich:
    """Return what the newest edit of a card changes; the first words name the card.

    What does not fit a message is not left out in silence.
    """
    lines = [safe_text(line) for line in view.difference]
    head = styled(f"Edit of {view.card}", "bold")
    whole = without_commands(tidy(join([head, "\n".join(lines)], "\n")))
    if whole.units <= LONGEST_SHOWN:
        return whole
    rest = f"\n… of {len(lines):,} changed lines no more fit here: /why {view.card} tells the rest"
    return join([cut(whole, 0, LONGEST_SHOWN), rest])


def shows_newest(replied: str, view: CardView) -> bool:
    """Return whether a message that shows an edit of a card shows its newest."""
    return " ".join(replied.split()).startswith(" ".join(draft_text(view).text.split()))


def _prompt(view: CardView) -> Rich:
    """Return the words to reply to; the first of them name the card."""
    fields = ", ".join(fields_of(view.items))
    head = f"Edit {view.card} · reply with the new text, or with field=value ({fields})"
    if len(view.items) != 1:
        return Rich(head)
    try:
        name = content_field(view.items[0])
    except BadInputError:
        return Rich(head)
    text = str(view.items[0].args.fields.get(name, ""))
    draft = text[:LONGEST_DRAFT]
    if len(text) > LONGEST_DRAFT:
        head = f"{head}. Only the first {LONGEST_DRAFT:,} of {len(text):,} characters stand here."
    return join([head, styled(draft, "pre")], "\n") if draft.strip() else Rich(head)
