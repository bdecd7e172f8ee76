"""One letter answers the open card, unless it is the first letter of a message.

A letter on an empty line acts after a moment without another key, or at once with Enter: whoever
goes on typing writes a message, and neither "add a task" nor a paste accepts anything.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from core.domain.quotations import as_quoted

KEYS = ("a", "e", "r", "w")


@dataclass(frozen=True, slots=True)
class Press:
    """A key that was meant for a card: the one that was drawn when it was pressed."""

    key: str
    card: str


class CardKeys:
    """Key bindings of the input line. `target` names the card that a key would act on now.

    `grace` is in seconds.
    """

    def __init__(self, target: Callable[[str], str | None], grace: float) -> None:
        self._target = target
        self._grace = grace
        self._armed: Press | None = None

    @property
    def armed(self) -> Press | None:
        """The key that acts in a moment."""
        armed = self._armed
        return armed if armed is not None and get_app().current_buffer.text == armed.key else None

    def bindings(self) -> KeyBindings:
        """Return the bindings: card keys, Enter, Ctrl-C, Alt-Enter for a line feed, and pasting."""
        bindings = KeyBindings()
        empty = Condition(lambda: not get_app().current_buffer.text)
        armed = Condition(lambda: self.armed is not None)
        for key in KEYS:
            bindings.add(key, filter=empty & Condition(partial(self._applies, key)))(self._arm)
        bindings.add("enter", filter=armed)(self._act)
        bindings.add("c-c")(_clear)
        bindings.add("escape", "enter")(_line_feed)
        bindings.add(Keys.BracketedPaste)(_paste)
        return bindings

    def _applies(self, key: str) -> bool:
        return self._target(key) is not None

    def _arm(self, event: KeyPressEvent) -> None:
        key = event.data
        card = self._target(key)
        event.current_buffer.insert_text(key)
        if card is not None:
            self._armed = Press(key, card)
            event.app.create_background_task(self._wait(self._armed, event))

    async def _wait(self, press: Press, event: KeyPressEvent) -> None:
        await asyncio.sleep(self._grace)
        if self.armed is press:
            self._act(event)

    def _act(self, event: KeyPressEvent) -> None:
        press, self._armed = self._armed, None
        if not event.app.is_done:
            event.app.current_buffer.reset()
            event.app.exit(result=press)


def _clear(event: KeyPressEvent) -> None:
    event.current_buffer.reset()


def _paste(event: KeyPressEvent) -> None:
    """Insert what was pasted; several lines as a quotation, which the owner sees and may unmark.

    The terminal tells what is pasted from what is typed: nobody types a mail in one stroke.
    """
    text = event.data.replace("\r\n", "\n").replace("\r", "\n")
    buffer = event.current_buffer
    if "\n" in text.strip():
        before = "\n" if buffer.document.current_line_before_cursor.strip() else ""
        text = f"{before}{as_quoted(text.strip(chr(10)))}\n"
    buffer.insert_text(text)


def _line_feed(event: KeyPressEvent) -> None:
    event.current_buffer.insert_text("\n")
