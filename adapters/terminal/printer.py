"""Printing above the input line, one thing at a time."""

import asyncio
import contextlib
import shutil

from prompt_toolkit.application import run_in_terminal
from rich.console import RenderableType

from adapters.chat.plain import encodable
from adapters.terminal.ask import Screen
from adapters.terminal.draw import WIDEST, Painter
from core.domain.errors import TransientError


class Printer:
    """Prints drawings so that the input line below them stays whole.

    Whoever holds `lock` has the screen for itself: everything else waits. `patience` is in seconds.
    """

    def __init__(self, painter: Painter, patience: float = 10.0) -> None:
        self.lock = asyncio.Lock()
        self._painter = painter
        self._patience = patience
        self._screen: Screen | None = None
        self._begun = asyncio.Event()

    def use(self, screen: Screen | None) -> None:
        """Print on this screen from now on, None for nowhere."""
        self._screen = screen
        self._begun.set()

    @property
    def size(self) -> tuple[int, int]:
        """The columns and rows there are now."""
        if self._screen is None:
            columns, rows = shutil.get_terminal_size()
            return columns, rows
        size = self._screen.output.get_size()
        return size.columns, size.rows

    async def show(self, thing: RenderableType) -> None:
        """Print a drawing and an empty line; what comes before the start waits for it a little.

        Raises TransientError when there is no terminal (any more).
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._begun.wait(), self._patience)
        async with self.lock:
            text = self.drawn(thing)
            await run_in_terminal(lambda: self._write(text + "\n"))

    def drawn(self, thing: RenderableType) -> str:
        """Return a drawing at the width there is now."""
        return self._painter.ansi(thing, min(self.size[0] - 1, WIDEST))

    def _write(self, text: str) -> None:
        if self._screen is None:
            raise TransientError("The terminal does not run.")
        out = self._screen.out
        try:
            out.write(encodable(text, out))
            out.flush()
        except (OSError, ValueError) as error:
            raise TransientError("The terminal is gone.") from error
