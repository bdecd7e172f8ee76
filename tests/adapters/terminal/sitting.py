"""A person at a drawn terminal: keys go in through a pipe, what is printed is kept."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, ClassVar

from prompt_toolkit import PromptSession
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import fragment_list_to_text, to_formatted_text
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.terminal.ask import Screen
from adapters.terminal.rich_terminal import RichTerminal
from core.ports.clock import Clock
from tests.adapters.terminal.desk import FakeDesk, StillClock
from tests.waiting import PATIENCE_S

GRACE = 0.03
CTRL_C, CTRL_D, CTRL_S, ESCAPE, ENTER = "\x03", "\x04", "\x13", "\x1b", "\r"
_STYLING = re.compile(r"\x1b\[[0-9;]*m")


class SizedOutput(DummyOutput):
    """An output that draws nothing and has a size."""

    def __init__(self, columns: int, rows: int = 40) -> None:
        self.columns, self.rows = columns, rows

    def get_size(self) -> Size:
        """Return the size."""
        return Size(rows=self.rows, columns=self.columns)


class WatchedScreen(Screen):
    """A screen that knows which questions it asks."""

    sessions: ClassVar[list[PromptSession[Any]]] = []

    def session(self, **options: Any) -> PromptSession[Any]:  # noqa: ANN401 - options of the library
        """Return a prompt, and remember it."""
        session = super().session(**options)
        self.sessions.append(session)
        return session

    @property
    def asks(self) -> str:
        """The question that waits for an answer now."""
        running = [session for session in self.sessions if session.app.is_running]
        return "\n".join(fragment_list_to_text(to_formatted_text(s.message)) for s in running)


class Sitting:
    """What a test does and sees."""

    def __init__(
        self, terminal: RichTerminal, keys: PipeInput, out: io.StringIO, screen: WatchedScreen
    ) -> None:
        self.terminal = terminal
        self.screen = screen
        self.desk = FakeDesk(terminal)
        self._keys = keys
        self._out = out

    @property
    def output(self) -> SizedOutput:
        """The output, which can be resized."""
        assert isinstance(self.screen.output, SizedOutput)
        return self.screen.output

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
        """Send keys, with a moment after each for what they start."""
        for key in keys:
            self._keys.send_text(key)
            await asyncio.sleep(0.005)

    async def press(self, key: str, question: str) -> None:
        """Send a key and wait for the question it leads to."""
        await self.type(key)
        await self.until_asked(question)

    async def rest(self) -> None:
        """Wait until a key on a card would have acted."""
        await asyncio.sleep(6 * GRACE)

    async def until_asked(self, question: str) -> None:
        """Wait until `question` waits for an answer."""
        await self._until(lambda: question in self.screen.asks, question)

    async def until(self, text: str) -> None:
        """Wait until `text` can be read, above or below; line breaks count as spaces."""
        await self._until(lambda: text in " ".join(f"{self.seen} {self.below}".split()), text)

    async def _until(self, came: Callable[[], bool], text: str) -> None:
        for _ in range(2000):
            if came():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"{text!r} never came:\n{self.seen}\n--\n{self.screen.asks}")


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
        WatchedScreen.sessions.clear()
        screen = WatchedScreen(keys, output, out, not environ.get("NO_COLOR"))
        terminal = RichTerminal(
            clock or StillClock(),
            UTC,
            history=history,
            environ=environ,
            screen=screen,
            grace=grace,
        )
        person = Sitting(terminal, keys, out, screen)
        running = asyncio.create_task(terminal.run(person.desk, "s1"))
        await person.until_asked("> ")
        yield person
        if not running.done():
            await person.until_asked("> ")
            await person.type(CTRL_C, CTRL_D)
        async with asyncio.timeout(PATIENCE_S):
            await running
