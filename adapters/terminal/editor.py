"""Editing the arguments of a card: edit, see what differs, accept or edit again."""

import asyncio
import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from prompt_toolkit.formatted_text import ANSI
from rich.console import RenderableType

from adapters.terminal.arguments import from_yaml, to_yaml
from adapters.terminal.ask import Screen, ask_key, ask_page
from adapters.terminal.desk import Desk
from adapters.terminal.draw import block, difference, problem
from adapters.terminal.printer import Printer
from core.domain.errors import BadInputError, EquerryError
from core.ports.chat_surface import CardView

Edited = dict[str, dict[str, Any]]
Choice = Literal["accept", "again", "leave"]
_QUESTION_ROWS = 4


class Editor:
    """Edits with the owner's own editor (`VISUAL`, `EDITOR`), else on the screen itself.

    While another program has the screen nothing is printed.
    """

    def __init__(self, screen: Screen, printer: Printer, environ: Mapping[str, str]) -> None:
        self._screen = screen
        self._printer = printer
        self._command = environ.get("VISUAL") or environ.get("EDITOR") or ""

    async def edit(self, desk: Desk, view: CardView) -> Edited | None:
        """Return the accepted new arguments by marker; None when nothing is to change."""
        text: str | None = to_yaml(view)
        while True:
            text = await self._text(view, text or "")
            if text is None:
                await self._printer.show(block(f"Card {view.card} stays as it was."))
                return None
            edits, choice = await self._check(desk, view, text)
            if choice == "accept":
                return edits
            if choice == "leave":
                await self._printer.show(block(f"Card {view.card} stays as it was."))
                return None

    async def _check(self, desk: Desk, view: CardView, text: str) -> tuple[Edited, Choice]:
        try:
            edits = from_yaml(view, text)
            if not edits:
                return {}, "leave"
            lines = [
                line
                for marker, args in edits.items()
                for line in await desk.preview_edit(view.card, marker, args)
            ]
        except EquerryError as error:
            keys: dict[str, Choice] = {"enter": "again"}
            return {}, await self._ask(problem(str(error)), "Enter edits again · Esc leaves ", keys)
        keys = {"enter": "accept", "e": "again"}
        question = "Enter accepts this · e edits again · Esc leaves "
        return edits, await self._ask(difference(lines), question, keys)

    async def _ask(self, about: RenderableType, question: str, keys: dict[str, Choice]) -> Choice:
        """Ask below what it is about; what does not fit the screen is printed above for good."""
        drawn = self._printer.drawn(about)
        if drawn.count("\n") > self._printer.size[1] - _QUESTION_ROWS:
            await self._printer.show(about)
            drawn = ""
        leave: Choice = "leave"
        return await ask_key(self._screen, ANSI(f"{drawn}\n{question}"), keys, leave)

    async def _text(self, view: CardView, text: str) -> str | None:
        if self._command:
            try:
                async with self._printer.lock:
                    return await _with_program(self._command, text)
            except (OSError, ValueError) as error:
                message = f"The editor {self._command!r} could not be used ({error}); edit here."
                self._command = ""
                await self._printer.show(problem(message))
            except BadInputError as error:
                await self._printer.show(problem(str(error)))
                return None
        return await ask_page(self._screen, f"Edit card {view.card}", text)


async def _with_program(command: str, text: str) -> str:
    """Return `text` as another program left it in a private file."""
    path = await asyncio.to_thread(_stored, text)
    try:
        process = await asyncio.create_subprocess_exec(*shlex.split(command), str(path))
        if code := await process.wait():
            raise BadInputError(f"The editor {command!r} ended with code {code}.")
        return await asyncio.to_thread(path.read_text, encoding="utf-8", errors="replace")
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _stored(text: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="equerry-", suffix=".yaml")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)
