"""`chat`: the terminal surface on the application."""

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from adapters.terminal.desk import Desk
from adapters.terminal.lines import ScriptLine, from_script, from_stream
from adapters.terminal.plain import PlainTerminal
from bot.app import App
from bot.front import Front
from bot.terminal import CONVERSATION, TerminalDesk


@dataclass(frozen=True, slots=True)
class ScriptOptions:
    """Which script (None or `-`: standard input), under which session name, how fast."""

    script: Path | None
    session: str
    pace: float = 0.0


async def talk_plainly(app: App, options: ScriptOptions, desk: Desk | None = None) -> bool:
    """Handle the lines of a script or a pipe; return whether all were handled."""
    kernel = app.kernel
    surface = PlainTerminal(sys.stdout, kernel.clock, kernel.zone, pace=options.pace)
    app.attach(surface)
    await app.engine.wake(CONVERSATION)
    desk = desk or TerminalDesk(app, Front(app))
    done = await surface.run(desk, _lines(options), f"script:{options.session}")
    app.detach(surface)
    return done


def _lines(options: ScriptOptions) -> AsyncIterator[ScriptLine]:
    if options.script is None or str(options.script) == "-":
        return from_stream(sys.stdin)
    return from_script(options.script)


async def talk_richly(app: App) -> bool:
    """Talk with the owner until Ctrl-D."""
    from adapters.terminal.rich_terminal import RichTerminal

    history = app.config.data_dir / "terminal" / "history"
    kernel = app.kernel
    surface = RichTerminal(kernel.clock, kernel.zone, history=history, environ=os.environ)
    app.attach(surface)
    await app.engine.wake(CONVERSATION)
    await surface.run(TerminalDesk(app, Front(app)), f"chat:{uuid4().hex}")
    app.detach(surface)
    return True
