"""The terminal for a person: a conversation above, the open card and an input line below."""

import asyncio
import contextlib
import signal
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import History, InMemoryHistory

from adapters.chat.cards import Look
from adapters.chat.plain import REPEAT
from adapters.chat.safe_text import safe_line
from adapters.terminal import draw
from adapters.terminal.ask import Screen
from adapters.terminal.complete import LineCompleter, PrivateHistory
from adapters.terminal.conversation import Conversation, Stage
from adapters.terminal.desk import Desk
from adapters.terminal.editor import Editor
from adapters.terminal.keys import CardKeys
from adapters.terminal.live import Live
from adapters.terminal.plain import NO_FILES
from adapters.terminal.printer import Printer
from core.domain.errors import RefusedError
from core.domain.inbound import Attachment
from core.ports.chat_surface import CardView, Outbound, Progress
from core.ports.clock import Clock

GRACE = 0.5
"""Seconds after which a single letter on an empty line is meant for the card."""

_MENU_ROWS = 6
_DECIDED_LINES = 3
_WHOLE_LINES = 400
"""Lines of a body that are printed: a long text, not a book; what is beyond is counted."""
_ACTS = {"a": "accepts", "e": "edits", "r": "rejects", "w": "explains"}


class RichTerminal:
    """A ChatSurface for a terminal that can draw. All methods belong to one event loop.

    `history` is the file of earlier lines (made with mode 0600), None keeps none. `screen` replaces
    the terminal of the process; `grace` is in seconds (see CardKeys).
    """

    channel = "terminal"
    follows_results = False

    def __init__(
        self,
        clock: Clock,
        zone: tzinfo,
        *,
        history: Path | None,
        environ: Mapping[str, str],
        screen: Screen | None = None,
        grace: float = GRACE,
    ) -> None:
        self._clock = clock
        self._zone = zone
        self._history = history
        self._environ = environ
        self._screen = screen
        painter = draw.Painter(colours=not environ.get("NO_COLOR"))
        self._live = Live(painter)
        self._printer = Printer(painter)
        self._keys = CardKeys(self._target, grace)
        self._stage: Stage | None = None

    async def run(self, desk: Desk, session: str) -> None:
        """Talk with the owner until Ctrl-D. Lines are named `session:number`."""
        screen = self._screen or Screen.real(self._environ)
        self._printer.use(screen)
        prompt = screen.session(**self._prompt_options(desk))
        stage = self._stage = Stage(screen, prompt, self._printer, self._live, self._clock)
        editor = Editor(screen, self._printer, self._environ)
        try:
            with _no_interrupts():
                await self._printer.show(draw.block(desk.banner()))
                waiting = await desk.open_cards()
                for view in waiting:
                    await self._show_whole(view)
                self._live.keep_only(waiting, self._clock.now())
                await Conversation(desk, stage, editor, session).run()
                await self._say_goodbye()
        finally:
            self._stage = None
            self._printer.use(None)

    async def _say_goodbye(self) -> None:
        if waiting := len(self._live.cards):
            noun = "card waits" if waiting == 1 else "cards wait"
            await self._printer.show(draw.block(f"{waiting} {noun} for you until next time."))

    async def send(self, outbound: Outbound) -> str:
        """Print a message above the input line; what was streamed of it goes away.

        Raises TransientError when there is no terminal (any more).
        """
        self._live.done(outbound.goal)
        await self._printer.show(draw.spoken(outbound, REPEAT))
        return outbound.message

    async def show_card(self, view: CardView) -> str:
        """Draw a card above the input line, where keys answer it.

        One that is too long to stand there is printed whole before any key can answer it.
        """
        await self._show_whole(view)
        self._live.open(view, self._clock.now())
        self._redraw()
        return view.card

    async def _show_whole(self, view: CardView) -> None:
        """Print a card that does not fit above the input line: nothing of it is left out."""
        look = self._look(_WHOLE_LINES)
        if not self._live.has_room(view, self._printer.size, look):
            await self._printer.show(draw.card_panel(view, look, keys=False))

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Print what became of a card, with its request, and take it from the input line.

        One that is open still stays there, as its newest edit has it.
        """
        if view.state == "open":
            self._live.refresh(view)
            self._redraw()
            return
        self._live.close(view.card)
        await self._printer.show(draw.card_panel(view, self._look(_DECIDED_LINES), keys=False))

    async def fetch(self, attachment: Attachment) -> bytes:
        """Refuse: no file comes through a terminal."""
        raise RefusedError(NO_FILES)

    def progress(self, progress: Progress) -> None:
        """Draw streamed text and a line about what goes on."""
        self._live.progress(progress)
        self._redraw()

    def _prompt_options(self, desk: Desk) -> dict[str, Any]:
        history: History = InMemoryHistory()
        if self._history is not None:
            history = PrivateHistory(str(self._history))
            history.prepare()
        return {
            "message": self._message,
            "completer": LineCompleter(desk.commands(), self._ids),
            "complete_while_typing": Condition(lambda: get_app().current_buffer.text[:1] == "/"),
            "history": history,
            "key_bindings": self._keys.bindings(),
            "bottom_toolbar": self._toolbar,
            "reserve_space_for_menu": _MENU_ROWS,
        }

    def _message(self) -> ANSI:
        columns, rows = self._printer.size
        region = self._live.draw(columns, rows, self._look())
        return ANSI(f"{region}\n> " if region else "> ")

    def _toolbar(self) -> str:
        armed = self._keys.armed
        if armed is not None:
            return f"Enter {_ACTS[armed.key]} {armed.card} · go on typing to write a message"
        cards = len(self._live.cards)
        parts = [f"{cards} cards open, /inbox lists them"] if cards > 1 else []
        if self._live.busy:
            parts.append("working")
        return " · ".join([*parts, "/help", "Ctrl-D leaves"])

    def _target(self, key: str) -> str | None:
        """Return the card that a key acts on now."""
        view = self._live.newest
        if view is None or not self._live.takes_keys(self._clock.now()):
            return None
        return view.card if key in draw.keys_of(view) else None

    def _ids(self) -> Iterable[tuple[str, str]]:
        for name in self._live.cards:
            view = self._live.card(name)
            yield name, safe_line(view.title, 60) if view else ""
        for goal in reversed(self._live.goals):
            yield goal, "goal"

    def _look(self, body_lines: int = 12) -> Look:
        return Look(self._zone, self._clock.now().astimezone(self._zone).date(), body_lines)

    def _redraw(self) -> None:
        if self._stage is not None:
            self._stage.redraw()


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Let Ctrl-C be a key only: between two prompts it would otherwise end the program."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, lambda: None)
    except (NotImplementedError, RuntimeError, ValueError):  # not the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
