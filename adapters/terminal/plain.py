"""The terminal without drawing: scripts, pipes and dumb terminals; cards are answered in words."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from datetime import tzinfo
from typing import TextIO

from adapters.chat.cards import Look
from adapters.chat.plain import encodable, plain_card, plain_message, plain_text, plain_verdict
from adapters.terminal.desk import Desk
from adapters.terminal.lines import ScriptLine
from core.domain.errors import EquerryError, RefusedError, TransientError
from core.domain.inbound import Attachment
from core.ports.chat_surface import CardView, Outbound, Progress
from core.ports.clock import Clock

BODY_LINES = 400
"""Lines of a body that are printed: a long text, not a book; what is beyond is counted."""
NO_FILES = "No file comes through the terminal; name its path instead."
_SECONDS_PER_CHARACTER = 0.025
_log = logging.getLogger(__name__)


class PlainTerminal:
    """A ChatSurface that prints plain text, each piece flushed at once.

    `pace` is in seconds: above 0 lines are typed at a readable speed, comments are shown, and each
    line is followed by a pause of that length. `echo` prints every line as `> line`.
    """

    channel = "terminal"
    follows_results = False

    def __init__(
        self, out: TextIO, clock: Clock, zone: tzinfo, *, pace: float = 0.0, echo: bool = True
    ) -> None:
        self._out = out
        self._clock = clock
        self._zone = zone
        self._pace = pace
        self._echo = echo
        self._typing = asyncio.Lock()
        self._gone = False

    async def run(self, desk: Desk, lines: AsyncIterator[ScriptLine], session: str) -> bool:
        """Hand over each line when the work of the line before has ended or waits.

        Returns whether all lines were handled; False when nobody reads the output any more. A line
        is named `session:number`, so that a session that is run again repeats nothing.
        """
        await self._show(plain_text(desk.banner()))
        async for line in lines:
            await self._handle(desk, line, f"{session}:{line.number}")
            if self._gone:
                return False
        return True

    async def send(self, outbound: Outbound) -> str:
        """Print a message. Raises TransientError when nobody reads the output any more."""
        await self._deliver(plain_message(outbound))
        return outbound.message

    async def show_card(self, view: CardView) -> str:
        """Print a card in full, with the words that answer it."""
        await self._deliver(plain_card(view, self._look()))
        return view.card

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Print what became of a card; its request stands further up. An edited one comes whole."""
        if view.state == "open":
            await self._deliver(plain_card(view, self._look()))
            return
        await self._deliver(plain_verdict(view, self._look()))

    async def fetch(self, attachment: Attachment) -> bytes:
        """Refuse: no file comes through a terminal."""
        raise RefusedError(NO_FILES)

    def progress(self, progress: Progress) -> None:
        """Drop it: the output holds what lasts."""

    async def _handle(self, desk: Desk, line: ScriptLine, dedupe: str) -> None:
        if line.comment:
            await self._comment(line.text)
            return
        if self._echo:
            await self._type(f"> {plain_text(line.text)}")
        try:
            for block in await desk.submit(line.text, dedupe) or ():
                await self._show(plain_text(block))
            await desk.settled()
        except EquerryError as error:
            await self._show(plain_text(str(error)))
        except Exception as error:  # noqa: BLE001 - a bug ends no session; the log has the rest
            _log.exception("a line failed")
            await self._show(
                f"That line failed inside Equerry ({type(error).__name__}): see the log."
            )
        await self._rest(1.0)

    async def _comment(self, text: str) -> None:
        if self._pace:
            await self._type(plain_text(text))
            await self._rest(0.5)

    async def _type(self, text: str) -> None:
        async with self._typing:
            if not self._pace:
                self._print(text + "\n")
                return
            for character in text:
                self._print(character)
                await self._clock.sleep(min(_SECONDS_PER_CHARACTER, self._pace / 20))
            self._print("\n")

    async def _rest(self, share: float) -> None:
        if self._pace:
            await self._clock.sleep(self._pace * share)

    async def _deliver(self, text: str) -> None:
        await self._show(text)
        if self._gone:
            raise TransientError("Nobody reads the output of this terminal any more.")

    async def _show(self, text: str) -> None:
        if text:
            async with self._typing:
                self._print(text + "\n")

    def _print(self, text: str) -> None:
        if self._gone:
            return
        try:
            self._out.write(encodable(text, self._out))
            self._out.flush()
        except (OSError, ValueError):
            self._leave()

    def _leave(self) -> None:
        """Remember that the reader left; what Python flushes at exit goes nowhere, silently."""
        self._gone = True
        try:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, self._out.fileno())
            os.close(sink)
        except (OSError, ValueError):  # no file of the system stands behind it
            return

    def _look(self) -> Look:
        today = self._clock.now().astimezone(self._zone).date()
        return Look(self._zone, today, BODY_LINES)
