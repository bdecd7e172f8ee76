"""The lines a plain terminal works through: from a script, or from a pipe as they arrive."""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from core.domain.errors import BadInputError


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line and its number in the file (from 1), which names it over a restart."""

    number: int
    text: str
    comment: bool = False


def is_interactive(stdin: TextIO, stdout: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether a person sits at a terminal that can draw; `TERM=dumb` cannot."""
    return stdin.isatty() and stdout.isatty() and environ.get("TERM", "dumb") != "dumb"


async def from_script(path: Path) -> AsyncIterator[ScriptLine]:
    """Yield the lines of a script; those that start with `#` are comments, empty ones are left out.

    Raises BadInputError when the file cannot be read.
    """
    try:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8-sig", errors="replace")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInputError(f"The script {str(path)!r} cannot be read: {reason}.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield ScriptLine(number, line.strip(), comment=line.startswith("#"))


async def from_stream(stream: TextIO) -> AsyncIterator[ScriptLine]:
    """Yield the lines of a stream as they arrive, until it ends.

    The thread that waits for a line is a daemon: a line that never comes holds up no exit.
    """
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def hand_over(line: str | None) -> None:
        try:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        except RuntimeError:  # the loop is closed: nobody waits for this line any more
            return

    def read() -> None:
        try:
            for line in stream:
                hand_over(line)
        except (OSError, ValueError):  # closed under us: that is its end
            pass
        hand_over(None)

    threading.Thread(target=read, name="terminal-lines", daemon=True).start()
    number = 0
    while (line := await lines.get()) is not None:
        number += 1
        if line.strip():
            yield ScriptLine(number, line.strip())
