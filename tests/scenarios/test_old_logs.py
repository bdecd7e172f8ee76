"""Logs of earlier versions, kept in tests/data/logs, open through the program's own doors."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, make_url, select

from adapters.engine.lock import DataDirLock
from adapters.inmemory.clock import FakeClock
from adapters.sql.migrating import upgrade, version_of
from bot.app import Overrides
from core.domain.events import PAYLOADS, current, decode
from core.log.reading import every_event
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery
from core.projections import ALL
from scripts.make_log import DATABASE, LOGS, names, rows_of, state_of, unpack, url_of
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting
from tests.scenarios.test_mail import with_mail
from tests.servers.smtp import SmtpServer

COMMANDS = ("/status", "/cost", "/inbox", "/goals", "/memory", "/profile", "/grants", "/summary")
HOW = "python -m scripts.make_log --states writes down what the stored logs fold to now"
KNOWN = {"version", "rows", "digest"}


@pytest.fixture(params=names())
def log(request: pytest.FixtureRequest, place: Place) -> str:
    """Give the name of a stored log that is unpacked into the place."""
    name: str = request.param
    unpack(name, place.data)
    return name


def stored_kinds(database: Path) -> set[str]:
    """Return the types that occur in a database."""
    with closing(sqlite3.connect(database)) as connection:
        return {kind for (kind,) in connection.execute("SELECT DISTINCT event_type FROM events")}


def later(database: Path) -> Overrides:
    """Return a clock that stands a minute after the newest event."""
    with closing(sqlite3.connect(database)) as connection:
        (newest,) = connection.execute("SELECT max(at_utc) FROM events").fetchone()
    return Overrides(clock=FakeClock(datetime.fromisoformat(newest) + timedelta(minutes=1)))


async def open_cards(talk: Sitting) -> list[str]:
    """Return the ids of the cards that wait."""
    query = RowQuery("cards", states=frozenset({"open"}), order="written")
    return [row.key for row in await talk.app.store.find(query, limit=None)]


async def test_a_stored_log_folds_to_what_was_written_down(log: str, place: Place) -> None:
    """Each read model has the rows that were written down for this log and version of its fold."""
    expected = json.loads((LOGS / f"{log}.json").read_text("utf-8"))
    found = await state_of(url_of(place.data / DATABASE))
    for name, state in found.items():
        assert state.keys() == KNOWN
        before = expected.get(name, {})
        same_fold = before.get("version") == state["version"]
        told = "raise its version, then " if same_fold else ""
        assert state == before, f"The fold of {name!r} gives other rows than before: {told}{HOW}."


async def test_the_newest_log_folds_to_the_rows_it_was_stored_with(tmp_path: Path) -> None:
    """Rows that were folded event by event are those of folding the whole log, column by column."""
    newest = names()[-1]
    database = unpack(newest, tmp_path)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DELETE FROM store_meta WHERE meta_name = 'projections'")
        connection.commit()
        query = "SELECT projection, row_key, doc, row_group, row_state, due_utc FROM read_rows"
        stored = {row[:2]: json.loads(row[2]) for row in connection.execute(query)}
    state = json.loads((LOGS / f"{newest}.json").read_text("utf-8"))
    unchanged = {it.name for it in ALL if state[it.name]["version"] == 1}
    folded = await rows_of(url_of(database))
    rows = {row[:2]: json.loads(row.doc) for name in unchanged for row in folded[name]}
    assert rows == {place: doc for place, doc in stored.items() if place[0] in unchanged}


def test_the_program_opens_a_stored_log(log: str, program: Program, tmp_path: Path) -> None:
    """The command line shows it, verifies its chain, rebuilds it and exports all of it."""
    assert program.run("status").code == 0  # says how far it is where reading takes long
    assert json.loads(program.ok("status", "--json"))["problem"] is None
    events = program.events()
    assert f"{len(events)} events verified, head {events[-1]['hash'][:16]}" in program.ok("verify")
    assert "the same bytes as before" in program.ok("rebuild")
    assert "facts.jsonl" in program.ok("export", str(tmp_path / "out"))
    exported = (tmp_path / "out" / "events.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in exported] == events
    assert log in names()


def copy_to_server(database: Path, url: str) -> None:
    """Copy a file of SQLite into an empty database of a server, in the form that it has."""
    old = create_engine(url_of(database))
    new = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with old.connect() as source, new.begin() as target:
        upgrade(target, version_of(source) or "")
        tables = MetaData()
        tables.reflect(target)
        for table in tables.sorted_tables:
            rows = source.execute(select(table)).mappings().all()
            target.execute(table.delete())
            target.execute(table.insert(), [dict(row) for row in rows])
    old.dispose()
    new.dispose()


@pytest.mark.server
def test_a_stored_log_on_a_server(log: str, program: Program, postgres_url: str) -> None:
    """The same log on PostgreSQL folds to the same, is shown, verified, and goes on."""
    copy_to_server(program.place.data / DATABASE, postgres_url)
    (program.place.data / DATABASE).unlink()
    program.place.configure(storage={"database_url": postgres_url})
    assert program.run("status").code == 0  # says how far it is where reading takes long
    assert json.loads(program.ok("status", "--json"))["problem"] is None
    assert "events verified" in program.ok("verify")
    assert "the same bytes as before" in program.ok("rebuild")
    assert "and a new goal works" in program.chat("note: and a new goal works")
    assert "events verified" in program.ok("verify")


@pytest.mark.server
async def test_a_stored_log_on_a_server_folds_the_same(
    log: str, place: Place, postgres_url: str
) -> None:
    """Each read model has the rows that were written down, whatever the database."""
    await asyncio.to_thread(copy_to_server, place.data / DATABASE, postgres_url)
    expected = json.loads((LOGS / f"{log}.json").read_text("utf-8"))
    assert await state_of(postgres_url) == expected


async def test_every_event_of_a_stored_log_can_be_read(log: str, place: Place) -> None:
    """Each event has its type, every goal can be explained, and every list can be shown."""
    async with sitting(place, later(place.data / DATABASE)) as talk:
        after = 0
        while events := await talk.app.store.read(EventQuery(after=after)):
            for event in await talk.app.store.inflated(events):
                decode(event)
            after = events[-1].position
        goals = await talk.app.store.find(RowQuery("goals"), limit=None)
        assert len(goals) > 20, log
        for goal in goals:
            assert f"Why {goal.key}" in await talk.say(f"/why {goal.key}")
        for command in COMMANDS:
            assert "no command" not in await talk.say(command)


async def test_stored_events_are_read_whole_without_their_defaults(place: Place) -> None:
    """Any event of the newest log, lean at every depth, is read as it was when it was whole."""
    unpack(names()[-1], place.data)
    async with sitting(place, later(place.data / DATABASE)) as talk:
        events = await every_event(talk.app.store, EventQuery())
    for event in events:
        model = decode(event)
        whole = model.model_dump(mode="json")
        lean = model.model_dump(mode="json", exclude_defaults=True)
        assert current(event.model_copy(update={"payload": lean})).payload == whole


async def test_cards_of_a_stored_log_are_still_answered(
    log: str, place: Place, smtp_server: SmtpServer
) -> None:
    """What was open is open: an accept sends what the card says, once, a reject nothing."""
    clock = later(place.data / DATABASE)
    async with sitting(with_mail(place, smtp_server), clock) as talk:
        cards = await open_cards(talk)
        assert len(cards) >= 2, log
        mails = [card for card in cards if "mail" in await talk.say(f"/why {card}")]
        for card in mails[1:]:
            await talk.say(f"accept {card}")
        for card in set(await open_cards(talk)) - set(cards):  # a restored log asks once more
            await talk.say(f"accept {card}")
        await talk.say(f"reject {mails[0]}")
        assert not set(mails) & set(await open_cards(talk))
        assert len(smtp_server.mails) == len(mails) - 1
        assert "note: and a new goal works" not in await talk.say("note: and a new goal works")
    async with sitting(place, clock) as talk:
        assert "remember" in await talk.say("remember that the old log works")
        before, after = await talk.app.store.rebuild()
        assert before == after
    assert len(smtp_server.mails) == len(mails) - 1


def test_the_stored_logs_have_every_type(tmp_path: Path) -> None:
    """Each published type is in a stored log: a new one gets a sample and a new log."""
    there = set[str]().union(*(stored_kinds(unpack(name, tmp_path / name)) for name in names()))
    published = {kind for kind, it in PAYLOADS.items() if it.__module__.startswith("core.")}
    how = "add a sample to scripts/log_samples.py, then python -m scripts.make_log DATE"
    assert published - there == set(), how


async def test_a_log_is_not_upgraded_under_a_running_process(program: Program) -> None:
    """A command of a newer version beside an older one that runs changes nothing; alone it does."""
    database = unpack(names()[0], program.place.data)
    before = database.read_bytes()
    with DataDirLock(program.place.data):
        done = await asyncio.to_thread(program.run, "status")
        assert done.code == 1
        assert "of an earlier version of Equerry, and another process is at work on it" in done.err
        assert database.read_bytes() == before
    assert (await asyncio.to_thread(program.run, "status")).code == 0
