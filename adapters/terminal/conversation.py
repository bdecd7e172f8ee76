"""One sitting of the owner: lines, keys on cards and the questions they lead to."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from prompt_toolkit import PromptSession

from adapters.terminal import draw
from adapters.terminal.ask import Screen, ask_line
from adapters.terminal.chores import Chores
from adapters.terminal.desk import Desk
from adapters.terminal.editor import Editor
from adapters.terminal.keys import Press
from adapters.terminal.live import Live
from adapters.terminal.printer import Printer
from core.domain.errors import EquerryError
from core.ports.chat_surface import CardView
from core.ports.clock import Clock

_FRAME = 0.1


@dataclass(frozen=True, slots=True)
class Stage:
    """What a conversation is played on. `prompt` is the input line."""

    screen: Screen
    prompt: "PromptSession[Any]"
    printer: Printer
    live: Live
    clock: Clock

    def redraw(self) -> None:
        """Draw the region above the input line again, if there is one now."""
        if self.prompt.app.is_running:
            self.prompt.app.invalidate()


class Conversation:
    """Talks with the desk for the owner. Lines are named `session:number`, from 1."""

    def __init__(self, desk: Desk, stage: Stage, editor: Editor, session: str) -> None:
        self._desk = desk
        self._stage = stage
        self._editor = editor
        self._session = session
        self._chores = Chores(stage.printer.show)
        self._settling: set[asyncio.Task[None]] = set()
        self._lines = 0

    async def run(self) -> None:
        """Return when the owner left and everything asked before was handed over."""
        helpers = [asyncio.create_task(work) for work in (self._chores.run(), self._animate())]
        try:
            while await self._turn():
                pass
            await self._chores.done()
        finally:
            tasks = [*helpers, *self._settling]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self) -> bool:
        try:
            answer = await self._stage.prompt.prompt_async(set_exception_handler=False)
        except EOFError:
            return False
        if isinstance(answer, Press):
            await self._chores.do(partial(self._act, answer))
        elif line := str(answer).strip():
            await self._submit(line)
        return True

    async def _submit(self, line: str) -> None:
        self._lines += 1
        dedupe = f"{self._session}:{self._lines}"
        await self._stage.printer.show(draw.echo(line))
        self._stage.live.working += 1

        async def hand_over() -> Sequence[str] | None:
            try:
                return await self._desk.submit(line, dedupe)
            finally:
                task = asyncio.create_task(self._chores.do(self._settle))
                self._settling.add(task)
                task.add_done_callback(self._settling.discard)

        self._chores.add(hand_over)

    async def _settle(self) -> None:
        live = self._stage.live
        try:
            await self._desk.settled()
        except EquerryError as error:
            await self._stage.printer.show(draw.problem(str(error)))
        finally:
            live.working -= 1
            if not live.working:
                live.rest()
            self._stage.redraw()

    async def _act(self, press: Press) -> None:
        view = self._stage.live.card(press.card)
        if view is None:
            await self._stage.printer.show(draw.block(f"Card {press.card} is no longer open."))
            return
        await {"a": self._accept, "e": self._edit, "r": self._reject, "w": self._why}[press.key](
            view
        )

    async def _accept(self, view: CardView) -> None:
        self._decide(view, lambda: self._desk.decide(view.card, "accept", None, None))

    async def _reject(self, view: CardView) -> None:
        question = f"Reject {view.card}. Reason (Enter: none, Esc: keep it): "
        reason = await ask_line(self._stage.screen, question)
        if reason is not None:
            said = reason.strip() or None
            self._decide(view, lambda: self._desk.decide(view.card, "reject", None, said))

    async def _edit(self, view: CardView) -> None:
        edits = await self._editor.edit(self._desk, view)
        if edits is not None:
            self._decide(view, lambda: self._desk.decide(view.card, "edit", edits, None))

    async def _why(self, view: CardView) -> None:
        async def why() -> Sequence[str]:
            return [await self._desk.why(view.card)]

        self._chores.add(why)

    def _decide(self, view: CardView, decision: Callable[[], Awaitable[str]]) -> None:
        """Queue a decision; the card leaves the screen at once, and is back if it was refused."""
        self._stage.live.close(view.card)

        async def decide() -> Sequence[str]:
            try:
                return [await decision()]
            except Exception:
                open_now = {card.card: card for card in await self._desk.open_cards()}
                if view.card in open_now:
                    self._stage.live.open(open_now[view.card], self._stage.clock.now())
                    self._stage.redraw()
                raise

        self._chores.add(decide)

    async def _animate(self) -> None:
        live = self._stage.live
        while True:
            await asyncio.sleep(_FRAME if live.busy else 3 * _FRAME)
            if live.busy:
                live.frame += 1
                self._stage.redraw()
