import pytest

from adapters.chat.safe_text import safe_line
from adapters.inmemory.surface import RecordingSurface
from core.domain.errors import TransientError
from tests.adapters.terminal.desk import message
from tests.contracts.chat_surface import ChatSurfaceContract, Shown


class TestRecordingSurface(ChatSurfaceContract):
    @pytest.fixture
    def surface(self) -> RecordingSurface:
        """Give a recording surface."""
        return RecordingSurface()

    @pytest.fixture
    def shown(self, surface: RecordingSurface) -> Shown:
        """Give the recorded texts."""

        def text() -> str:
            cards = [*surface.shown, *(view for view, _ in surface.updated)]
            files = [safe_line(file.name) for sent in surface.sent for file in sent.files]
            told = [f"{view.title} {view.note}" for view in cards]
            return "\n".join([*surface.texts, *files, *told])

        return text


async def test_a_failure_is_raised_once_and_nothing_is_recorded() -> None:
    """A surface told to fail records nothing of that call and takes the next one."""
    surface = RecordingSurface(failures=[TransientError("The network is down.")])
    with pytest.raises(TransientError):
        await surface.send(message("one"))
    await surface.send(message("two"))
    assert surface.texts == ["two"]
