"""`/status` answers whatever the store does: from memory, and marked as such."""

import asyncio
import sqlite3
from typing import NoReturn

import pytest

from adapters.sql.failures import translate
from bot.app import App, build_app
from bot.front import Front, Line
from bot.reports import status
from core.domain.errors import StorageError
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.waiting import PATIENCE_S


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


async def test_a_damaged_database_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes on by itself then: what is wrong and what to do is in the status."""
    damaged = translate(sqlite_error("SQLITE_CORRUPT"), "log.db")

    async def fails(*_: object, **__: object) -> NoReturn:
        raise damaged

    async with build_app(place.config()) as app:
        with monkeypatch.context() as patched:
            patched.setattr(app.store, "_read", fails)
            patched.setattr(app.store, "probe", fails)
            noticed = asyncio.Event()
            app.storage.tell(lambda _: noticed.set())
            app.storage.failed(damaged)
            await asyncio.wait_for(noticed.wait(), PATIENCE_S)
            said = await _asked(app)
        assert "Storage: The database log.db is damaged; restore it from a backup." in said
        assert "goes on by itself" not in said


def sqlite_error(name: str) -> sqlite3.DatabaseError:
    """Return an error as SQLite raises it."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorname, error.sqlite_errorcode = name, getattr(sqlite3, name)
    return error


async def test_a_log_that_is_gone_is_not_well(program: Program) -> None:
    """Its anchor tells that there was one; what begins anew is well."""
    program.chat("note: one")
    for path in program.place.data.glob("equerry.db*"):
        path.unlink()
    said = await asyncio.to_thread(program.ok, "status")
    assert "The log is empty, a new beginning: the anchor beside it is of an earlier log" in said
    assert "All well" not in said
    await asyncio.to_thread(program.chat, "note: two")
    assert "All well" in await asyncio.to_thread(program.ok, "status")


async def test_status_before_anything_is_known(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that has been away from the start is told as well."""
    monkeypatch.setattr(status, "FIRST_S", 3600.0)
    async with build_app(place.config()) as app:
        with monkeypatch.context() as patched:
            patched.setattr(app.store, "_read", _never)
            assert "Nothing is known from before." in await _asked(app)
