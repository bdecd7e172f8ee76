import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from prompt_toolkit.input import DummyInput

from adapters.terminal.ask import Screen
from adapters.terminal.draw import Painter, block
from adapters.terminal.printer import Printer
from adapters.terminal.rich_terminal import RichTerminal
from core.domain.errors import TransientError
from tests.adapters.terminal.desk import message
from tests.adapters.terminal.sitting import Sitting, SizedOutput, sitting
from tests.contracts.chat_surface import ChatSurfaceContract, Shown


class TestRichTerminal(ChatSurfaceContract):
    @pytest.fixture
    async def person(self) -> AsyncIterator[Sitting]:
        """Give a person at a terminal."""
        async with sitting() as person:
            yield person

    @pytest.fixture
    def surface(self, person: Sitting) -> RichTerminal:
        """Give the terminal."""
        return person.terminal

    @pytest.fixture
    def shown(self, person: Sitting) -> Shown:
        """Give what is on the screen."""
        return lambda: person.seen + person.below


async def test_a_terminal_that_was_left_takes_no_message() -> None:
    """After a sitting a send says that it was surely not sent."""
    async with sitting() as person:
        terminal = person.terminal
    with pytest.raises(TransientError):
        await terminal.send(message("x"))


async def test_a_message_before_the_start_waits_for_it() -> None:
    """What is due while the terminal starts is printed once it runs."""
    painter, out = Painter(colours=False), io.StringIO()
    printer = Printer(painter)
    waiting = asyncio.create_task(printer.show(block("early")))
    await asyncio.sleep(0)
    printer.use(Screen(DummyInput(), SizedOutput(40), out, colours=False))
    await waiting
    assert out.getvalue() == "  early\n\n"


async def test_a_message_waits_for_no_terminal_forever() -> None:
    """Where no terminal ever starts a send fails."""
    with pytest.raises(TransientError):
        await Printer(Painter(colours=False), patience=0.01).show(block("x"))
