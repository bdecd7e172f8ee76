from collections.abc import AsyncIterator
from datetime import UTC

import pytest

from adapters.terminal.rich_terminal import RichTerminal
from core.domain.errors import TransientError
from tests.adapters.terminal.desk import StillClock, message
from tests.adapters.terminal.sitting import Sitting, sitting
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


async def test_a_terminal_that_does_not_run_takes_no_message() -> None:
    """Before and after a sitting a send says that it was surely not sent."""
    async with sitting() as person:
        terminal = person.terminal
    for place in (terminal, RichTerminal(StillClock(), UTC, history=None, environ={})):
        with pytest.raises(TransientError):
            await place.send(message("x"))
