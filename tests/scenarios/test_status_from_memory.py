"""`/status` answers whatever the store does: from memory, and marked as such."""

import asyncio
from typing import NoReturn

import pytest

from bot.app import App, build_app
from bot.front import Front, Line
from bot.reports import status
from core.domain.errors import StorageError
from tests.scenarios.places import Place


async def _never(*_: object, **__: object) -> None:
    await asyncio.Event().wait()


async def _fails(*_: object, **__: object) -> NoReturn:
    message = "The disk failed."
    raise StorageError(message)


async def _asked(app: App, text: str = "/status") -> str:
    line = Line("terminal", "terminal", "owner", text, f"key:{text}")
    (told,) = await Front(app).take(line)
    return str(told)


@pytest.mark.parametrize("broken", [_never, _fails])
async def test_status_comes_from_memory(
    place: Place, monkeypatch: pytest.MonkeyPatch, broken: object
) -> None:
    """With a store that says nothing, or fails, the last status is told, and since when it is."""
    monkeypatch.setattr(status, "FIRST_S", 0.0)
    async with build_app(place.config()) as app:
        assert "From memory" not in await _asked(app)
        with monkeypatch.context() as patched:
            patched.setattr(app.store, "_read", broken)
            told, again = await _asked(app), await _asked(app)
        assert "The store has not answered since" in told
        assert "From memory, as of" in told
        assert "cards wait for you" in told
        assert "All well." not in told
        assert again.splitlines()[0] == told.splitlines()[0]
        assert "From memory" not in await _asked(app)


async def test_status_before_anything_is_known(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that has been away from the start is told as well."""
    monkeypatch.setattr(status, "FIRST_S", 3600.0)
    async with build_app(place.config()) as app:
        with monkeypatch.context() as patched:
            patched.setattr(app.store, "_read", _never)
            assert "Nothing is known from before." in await _asked(app)
