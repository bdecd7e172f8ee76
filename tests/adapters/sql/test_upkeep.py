import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from adapters.sql.migrating import MIGRATIONS
from adapters.sql.schema import HEAD, METADATA
from adapters.sql.texts import dump, load, original_text, stored_text
from core.domain.canonical import canonical
from core.ports.event_log import EventQuery
from tests.adapters.sql.parts import execute, opened
from tests.contracts.stores import BOARD, added, digest_by_fold, done

ROOT = Path(__file__).parents[3]
START_AT_HEAD = """
import asyncio, sys
from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds

async def main():
    store = await SqlStore.open(sys.argv[1], [], SystemClock(), SystemIds())
    await store.close()

asyncio.run(main())
print("alembic" in sys.modules)
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/log.sqlite"
    found: str = request.getfixturevalue("postgres_url")
    return found


async def test_the_migrations_make_the_tables(url: str) -> None:
    """A migrated database has exactly the tables that the code works with."""
    async with opened(url):
        pass
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    """The version that the code expects is the last of the migration files."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_alembic_stays_out_of_a_normal_start(tmp_path: Path) -> None:
    """A database at head is opened without importing alembic, which takes half a second."""
    url = f"sqlite:///{tmp_path}/log.sqlite"
    run = [sys.executable, "-c", START_AT_HEAD, url]
    said = [subprocess.check_output(run, cwd=ROOT, text=True).strip() for _ in range(2)]
    assert said == ["True", "False"]


async def test_a_new_projection_is_folded_at_the_start(url: str) -> None:
    """A projection that a database has not seen is folded over its whole log when it is opened."""
    async with opened(url, []) as store:
        await store.append([added("T1"), added("T2"), done("T1")])
        assert await store.get("board", "T1") is None
    async with opened(url, [BOARD]) as store:
        row = await store.get("board", "T1")
        assert row is not None
        assert row.state == "done"
        assert await store.digest() == digest_by_fold([BOARD], await store.read(EventQuery()))
    async with opened(url, []) as store:
        assert await store.get("board", "T1") == row


async def test_a_projection_that_handles_more_is_folded_again(url: str) -> None:
    """A projection whose list of types grew is folded again, and only then."""

    class Narrow(type(BOARD)):  # type: ignore[misc] # the class of the shared projection
        handles = frozenset({"todo.added.v1"})

    async with opened(url, [Narrow()]) as store:
        await store.append([added("T1"), done("T1")])
        row = await store.get("board", "T1")
        assert row is not None
        assert row.state == "open"
    async with opened(url, [BOARD]) as store:
        row = await store.get("board", "T1")
        assert row is not None
        assert row.state == "done"


async def test_appends_after_a_foreign_rebuild_see_its_rows(url: str) -> None:
    """Rows that another process folded again are not hidden by what this one remembers."""
    async with opened(url) as a, opened(url) as b:
        await a.append([added("T1", project="p")])
        await b._writer.run(
            lambda connection: connection.exec_driver_sql(
                "UPDATE read_rows SET row_state = 'odd', row_group = 'q'"
            ).close()
        )
        await b.rebuild()
        await a.append([done("T1")])
        before, after = await a.rebuild()
        assert before == after


@given(text=st.text(alphabet=st.characters(exclude_categories=())))
@example(text="\ud83d\ude00")
@example(text="\\ud83d\\ude00 \\\ud83d")
@example(text='"\x00\\"')
def test_any_text_is_stored_as_utf8_and_comes_back(text: str) -> None:
    """Every string has a stored form that is UTF-8 without NUL, and comes back as it was."""
    form = dump([text])
    assert b"\0" not in form.encode()
    assert load(form) == [text]
    assert original_text(stored_text(canonical(text))) == canonical(text)


@pytest.mark.parametrize(("column", "value"), [("payload", "{"), ("at_utc", "soon")])
async def test_an_event_that_cannot_be_read_is_named(url: str, column: str, value: str) -> None:
    """Verifying names an event of which not even the form is left."""
    async with opened(url) as store:
        await store.append([added("T1"), added("T2"), done("T1")])
        change = "UPDATE events SET COLUMN = :value WHERE position = 2".replace("COLUMN", column)
        execute(url, change, value=value)
        problem = (await store.verify()).problem
        assert problem == "Event 2 was changed: it cannot be read any more."


async def test_a_long_log_is_checked_and_folded_in_batches(tmp_path: Path) -> None:
    """A log of more events than a batch holds verifies and rebuilds to the same bytes."""
    async with opened(f"sqlite:///{tmp_path}/log.sqlite") as store:
        await store.append([added(f"T{n}", project="p") for n in range(1200)])
        await store.append([done(f"T{n}") for n in range(1200)])
        report = await store.verify()
        assert (report.events, report.problem) == (2400, None)
        before, after = await store.rebuild()
        assert (
            before == after == digest_by_fold([BOARD], await store.read(EventQuery(), limit=9999))
        )
