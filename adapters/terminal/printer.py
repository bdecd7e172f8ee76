"""Printing above the input line, one thing at a time."""

import asyncio
import shutil

from prompt_toolkit.application import run_in_terminal
from rich.console import RenderableType

from adapters.chat.plain import encodable
from adapters.terminal.ask import Screen
from adapters.terminal.draw import WIDEST, Painter
from core.domain.errors import TransientError


class Printer:
    """Prints drawings so that the input line below them stays whole.

    Whoever holds `lock` has the screen for itself: everything else waits.
    """

    def __init__(self, painter: Painter) -> None:
        self.lock = asyncio.Lock()
        self._painter = painter
        self._screen: Screen | None = None

    def begin(self, screen: Screen) -> None:
        """Print on this screen from now on."""
        self._screen = screen

    @property
    def size(self) -> tuple[int, int]:
        """The columns and rows there are now."""
        if self._screen is None:
            columns, rows = shutil.get_terminal_size()
            return columns, rows
        size = self._screen.output.get_size()
        return size.columns, size.rows

    async def show(self, thing: RenderableType, widest: int | None = None) -> None:
        """Print a drawing. Raises TransientError when the terminal is gone."""
        async with self.lock:
            columns = self.size[0]
            text = self._painter.ansi(thing, min(columns, widest or columns))
            await run_in_terminal(lambda: self._write(text))

    async def show_card(self, thing: RenderableType) -> None:
        """Print a card, at the width of cards."""
        await self.show(thing, min(self.size[0] - 1, WIDEST))

    def _write(self, text: str) -> None:
        if self._screen is None:
            raise TransientError("The terminal does not run.")
        out = self._screen.out
        try:
            out.write(encodable(text, out))
            out.flush()
        except (OSError, ValueError) as error:
            raise TransientError("The terminal is gone.") from error
