"""Editing the arguments of a card: edit, see what differs, accept or edit again."""

import asyncio
import os
import shlex
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from rich.console import RenderableType

from adapters.terminal.arguments import from_yaml, to_yaml
from adapters.terminal.ask import Screen, ask_key, ask_page
from adapters.terminal.desk import Desk
from adapters.terminal.draw import block, difference, problem
from core.domain.errors import BadInputError, EquerryError
from core.ports.chat_surface import CardView

Show = Callable[[RenderableType], Awaitable[None]]
Edited = dict[str, dict[str, Any]]
Choice = Literal["accept", "again", "leave"]


class Editor:
    """Edits with the owner's own editor (`VISUAL`, `EDITOR`), else on the screen itself.

    `pause` holds back everything else that would be printed while another program has the screen.
    """

    def __init__(
        self, screen: Screen, environ: Mapping[str, str], show: Show, pause: asyncio.Lock
    ) -> None:
        self._screen = screen
        self._command = environ.get("VISUAL") or environ.get("EDITOR") or ""
        self._show = show
        self._pause = pause

    async def edit(self, desk: Desk, view: CardView) -> Edited | None:
        """Return the accepted new arguments by marker; None when nothing is to change."""
        text: str | None = to_yaml(view)
        while True:
            text = await self._text(view, text or "")
            if text is None:
                await self._show(block(f"Card {view.card} stays as it was."))
                return None
            edits, choice = await self._check(desk, view, text)
            if choice == "accept":
                return edits
            if choice == "leave":
                await self._show(block(f"Card {view.card} stays as it was."))
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
            await self._show(problem(str(error)))
            return {}, await self._ask("Enter edits again · Esc leaves ", {"enter": "again"})
        await self._show(difference(lines))
        keys: dict[str, Choice] = {"enter": "accept", "e": "again"}
        return edits, await self._ask("Enter accepts this · e edits again · Esc leaves ", keys)

    async def _ask(self, question: str, keys: dict[str, Choice]) -> Choice:
        leave: Choice = "leave"
        return await ask_key(self._screen, question, keys, leave)

    async def _text(self, view: CardView, text: str) -> str | None:
        if self._command:
            try:
                async with self._pause:
                    return await _with_program(self._command, text)
            except (OSError, ValueError) as error:
                message = f"The editor {self._command!r} could not be used ({error}); edit here."
                self._command = ""
                await self._show(problem(message))
            except BadInputError as error:
                await self._show(problem(str(error)))
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
