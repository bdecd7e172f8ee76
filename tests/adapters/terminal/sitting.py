"""A person at a drawn terminal: keys go in through a pipe, what is printed is kept."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.terminal.ask import Screen
from adapters.terminal.rich_terminal import RichTerminal
from core.ports.clock import Clock
from tests.adapters.terminal.desk import FakeDesk, StillClock

GRACE = 0.05
CTRL_C, CTRL_D, CTRL_S, ESCAPE, ENTER = "\x03", "\x04", "\x13", "\x1b", "\r"
_STYLING = re.compile(r"\x1b\[[0-9;]*m")


class SizedOutput(DummyOutput):
    """An output that draws nothing and has a size."""

    def __init__(self, columns: int, rows: int = 40) -> None:
        self.columns, self.rows = columns, rows

    def get_size(self) -> Size:
        """Return the size."""
        return Size(rows=self.rows, columns=self.columns)


class Sitting:
    """What a test does and sees."""

    def __init__(
        self, terminal: RichTerminal, keys: PipeInput, out: io.StringIO, output: SizedOutput
    ) -> None:
        self.terminal = terminal
        self.output = output
        self.desk = FakeDesk(terminal)
        self._keys = keys
        self._out = out

    @property
    def raw(self) -> str:
        """Everything printed, with its styling."""
        return self._out.getvalue()

    @property
    def seen(self) -> str:
        """Everything printed, as it reads."""
        return _STYLING.sub("", self.raw)

    @property
    def below(self) -> str:
        """What stands above the input line now, as it reads."""
        return _STYLING.sub("", self.terminal._message().value)

    async def type(self, *keys: str) -> None:
        """Send keys, with a short rest after each for what they start."""
        for key in keys:
            self._keys.send_text(key)
            await asyncio.sleep(0.02)

    async def until(self, text: str) -> None:
        """Wait until `text` can be read, above or below."""
        for _ in range(300):
            if text in self.seen or text in self.below:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{text!r} never came:\n{self.seen}\n--\n{self.below}")


@asynccontextmanager
async def sitting(
    *,
    environ: Mapping[str, str] | None = None,
    columns: int = 80,
    history: Path | None = None,
    clock: Clock | None = None,
    grace: float = GRACE,
) -> AsyncIterator[Sitting]:
    """Sit down at a terminal of `columns`; Ctrl-D ends it when the block ends."""
    environ = environ or {}
    out = io.StringIO()
    with create_pipe_input() as keys:
        output = SizedOutput(columns)
        screen = Screen(keys, output, out, not environ.get("NO_COLOR"))
        terminal = RichTerminal(
            clock or StillClock(),
            UTC,
            history=history,
            environ=environ,
            screen=screen,
            grace=grace,
        )
        person = Sitting(terminal, keys, out, output)
        running = asyncio.create_task(terminal.run(person.desk, "s1"))
        await person.until("Equerry is here.")
        await asyncio.sleep(0.02)
        yield person
        if not running.done():
            await person.type(CTRL_C, CTRL_D)
        async with asyncio.timeout(5):
            await running
