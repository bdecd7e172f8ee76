"""The terminal for a person: a conversation above, the open card and an input line below."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.output import create_output
from rich.console import RenderableType

from adapters.chat.cards import Look
from adapters.chat.plain import REPEAT
from adapters.terminal import draw
from adapters.terminal.ask import Screen, ask_line
from adapters.terminal.complete import LineCompleter, PrivateHistory
from adapters.terminal.desk import Desk
from adapters.terminal.editor import Editor
from adapters.terminal.keys import CardKeys, Press
from adapters.terminal.live import Live
from core.domain.errors import EquerryError
from core.ports.chat_surface import CardView, Outbound, Progress
from core.ports.clock import Clock

GRACE = 0.5
"""Seconds after which a single letter on an empty line is meant for the card."""

_FRAME = 0.1
_MENU_ROWS = 6
_log = logging.getLogger(__name__)
Job = Callable[[], Awaitable[Sequence[str] | None]]


class RichTerminal:
    """A ChatSurface for a terminal that can draw. All methods belong to one event loop.

    `history` is the file of earlier lines (made with mode 0600), None keeps none. `screen` and
    `out` replace the real terminal in tests; `grace` is in seconds (see CardKeys).
    """

    channel = "terminal"

    def __init__(
        self,
        clock: Clock,
        zone: tzinfo,
        *,
        history: Path | None,
        environ: Mapping[str, str],
        screen: tuple[Screen, TextIO] | None = None,
        grace: float = GRACE,
    ) -> None:
        self._clock = clock
        self._zone = zone
        self._history = history
        self._environ = environ
        self._given = screen
        self._painter = draw.Painter(colours=not environ.get("NO_COLOR"))
        self._live = Live(self._painter)
        self._keys = CardKeys(self._target, grace)
        self._printing = asyncio.Lock()
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._screen: Screen | None = None
        self._session: PromptSession[Any] | None = None
        self._out: TextIO = screen[1] if screen else sys.stdout

    # -- what the application shows ---------------------------------------------------------------

    async def send(self, outbound: Outbound) -> str:
        """Print a message above the input line; what was streamed of it goes away."""
        self._live.done(outbound.goal)
        await self._print(draw.spoken(outbound, REPEAT))
        return outbound.message

    async def show_card(self, view: CardView) -> str:
        """Draw a card above the input line, where keys answer it."""
        self._live.open(view, self._clock.now())
        self._redraw()
        return view.card

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Print what became of a card, with its request, and take it from the input line."""
        self._live.close(view.card)
        await self._print(self._sized(draw.card_panel(view, self._look(), keys=False)))

    def progress(self, progress: Progress) -> None:
        """Draw streamed text and a line about what goes on."""
        self._live.progress(progress)
        self._redraw()

    # -- what the owner does ----------------------------------------------------------------------

    async def run(self, desk: Desk, session: str) -> None:
        """Talk with the owner until Ctrl-D. Lines are named `session:number`."""
        self._screen = self._given[0] if self._given else self._real_screen()
        prompt = self._session = self._prompt(desk)
        with _no_interrupts():
            await self._print(draw.block(desk.banner()))
            self._live.keep_only(await desk.open_cards(), self._clock.now())
            workers = [asyncio.create_task(work) for work in (self._work(desk), self._animate())]
            try:
                await self._converse(desk, prompt, session)
                await self._jobs.join()
            finally:
                for task in [*workers, *self._tasks]:
                    task.cancel()
                await asyncio.gather(*workers, *self._tasks, return_exceptions=True)
                self._session = None
            await self._say_goodbye()

    async def _converse(self, desk: Desk, prompt: "PromptSession[Any]", session: str) -> None:
        number = 0
        while True:
            try:
                answer = await prompt.prompt_async(set_exception_handler=False)
            except EOFError:
                return
            if isinstance(answer, Press):
                await self._act(desk, answer)
            elif answer.strip():
                number += 1
                await self._submit(desk, answer.strip(), f"{session}:{number}")

    async def _submit(self, desk: Desk, line: str, dedupe: str) -> None:
        await self._print(draw.echo(line))
        self._live.working += 1

        async def hand_over() -> Sequence[str] | None:
            try:
                return await desk.submit(line, dedupe)
            finally:
                self._spawn(self._settle(desk))

        self._jobs.put_nowait(hand_over)

    async def _act(self, desk: Desk, press: Press) -> None:
        view = self._live.card(press.card)
        if view is None:
            await self._print(draw.block(f"Card {press.card} is no longer open."))
        elif press.key == "a":
            self._decide(lambda: desk.decide(view.card, "accept", None, None), view)
        elif press.key == "w":
            self._jobs.put_nowait(lambda: _one(desk.why(view.card)))
        elif press.key == "r":
            await self._reject(desk, view)
        else:
            await self._edit(desk, view)

    async def _reject(self, desk: Desk, view: CardView) -> None:
        question = f"Reject {view.card}. Reason (Enter: none, Esc: keep it): "
        reason = await ask_line(self._the_screen, question)
        if reason is not None:
            said = reason.strip() or None
            self._decide(lambda: desk.decide(view.card, "reject", None, said), view)

    async def _edit(self, desk: Desk, view: CardView) -> None:
        editor = Editor(self._the_screen, self._environ, self._print, self._printing)
        edits = await editor.edit(desk, view)
        if edits is not None:
            self._decide(lambda: desk.decide(view.card, "edit", edits, None), view)

    def _decide(self, decision: Callable[[], Awaitable[str]], view: CardView) -> None:
        """Queue a decision; the card is off the screen at once, and back if it was refused."""
        self._live.close(view.card)

        async def decide() -> Sequence[str]:
            try:
                return await _one(decision())
            except BaseException:
                self._live.open(view, self._clock.now())
                raise

        self._jobs.put_nowait(decide)

    async def _work(self, desk: Desk) -> None:
        """Do what the owner asked, one thing after the other, while the input line stays usable."""
        while True:
            job = await self._jobs.get()
            try:
                for text in await job() or ():
                    if text:
                        await self._print(draw.block(text))
            except EquerryError as error:
                await self._print(draw.problem(str(error)))
            except Exception as error:  # noqa: BLE001 - a bug ends no session; the log has the rest
                _log.exception("a line failed")
                name = type(error).__name__
                await self._print(draw.problem(f"That failed inside Equerry ({name}): see the log."))
            finally:
                self._jobs.task_done()

    async def _settle(self, desk: Desk) -> None:
        try:
            await desk.settled()
        finally:
            self._live.working -= 1
            if not self._live.working:
                self._live.rest()
                self._redraw()

    async def _animate(self) -> None:
        while True:
            await asyncio.sleep(_FRAME if self._live.busy else _FRAME * 5)
            if self._live.busy:
                self._live.frame += 1
                self._redraw()

    # -- drawing ----------------------------------------------------------------------------------

    @property
    def _the_screen(self) -> Screen:
        assert self._screen is not None, "questions are asked while the terminal runs"
        return self._screen
