import io
from datetime import UTC

import pytest

from adapters.terminal.plain import PlainTerminal
from tests.adapters.terminal.desk import StillClock
from tests.contracts.chat_surface import ChatSurfaceContract, Shown


class TestPlainTerminal(ChatSurfaceContract):
    @pytest.fixture
    def out(self) -> io.StringIO:
        """Give the output."""
        return io.StringIO()

    @pytest.fixture
    def surface(self, out: io.StringIO) -> PlainTerminal:
        """Give a plain terminal."""
        return PlainTerminal(out, StillClock(), UTC)

    @pytest.fixture
    def shown(self, out: io.StringIO) -> Shown:
        """Give what was printed."""
        return out.getvalue
