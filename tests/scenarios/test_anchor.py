"""Whoever can write the database, against the anchor: forged, cut, replaced, with the real program.

Each road leaves a chain that is whole by itself, so that only the anchor can tell.
"""

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.files.note_append import NoteAppend
from adapters.sql.records import event_of
from bot.app import build_app
from core.domain.events import GENESIS, Event
from core.log.anchoring import AnchorKeeper
from core.ports.action import ActionResult
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Done, Program, without_privileges
from tests.scenarios.sitting import sitting


@contextlib.contextmanager
def database(place: Place) -> Iterator[sqlite3.Connection]:
    """Open the database behind the program's back."""
    with contextlib.closing(sqlite3.connect(place.data / "equerry.db")) as db, db:
        yield db


def forge(place: Place, position: int, **fields: str) -> None:
    """Change an event and compute its hash and all later ones again."""
    with database(place) as db:
        events = [event_of(row) for row in db.execute("SELECT * FROM events ORDER BY position")]
        prev = GENESIS
        for event in events:
            changed: dict[str, Any] = {"prev": prev}
            if event.position == position:
                changed |= fields
            forged = Event.model_validate({**event.model_dump(), **changed})
            prev = forged.expected_hash()
            db.execute(
                "UPDATE events SET prev_hash = ?, event_hash = ?, actor = ? WHERE position = ?",
                [forged.prev, prev, forged.actor, forged.position],
            )


def cut(place: Place, count: int) -> None:
    """Take the newest events away."""
    with database(place) as db:
        (head,) = db.execute("SELECT max(position) FROM events").fetchone()
        db.execute("DELETE FROM events WHERE position > ?", [head - count])


def copied(place: Place, name: str) -> Path:
    """Copy what lies beside the configuration: the data, and the anchor."""
    folder = place.file.with_name(name)
    folder.mkdir()
    shutil.copytree(place.data, folder / "data")
    shutil.copy(anchor_of(place), folder / "data.anchor")
    return folder


def anchor_of(place: Place) -> Path:
    """Return where the anchor lies by default."""
    return place.data.with_name("data.anchor")


def found(program: Program, *words: str) -> Done:
    """Check that `verify` says each of the words and ends with 1, with the chain itself whole."""
    done = program.run("verify")
    assert done.code == 1, done
    assert "events verified, head " in done.out
    for word in words:
        assert word in done.err, done
    return done


def head(program: Program) -> int:
    """Return the position of the newest event."""
    return len(program.events())


def test_a_forged_chain_is_found(program: Program) -> None:
    """An event changed and every later hash computed again: the chain verifies, the anchor not."""
    program.chat("note: one")
    whole = program.ok("verify")
    assert f"; anchored up to event {head(program)} (" in whole
    forge(program.place, 3, actor="owner")
    found(program, "The log DIFFERS from its anchor: event ", "it or one before it was changed.")


def test_a_forged_beginning_is_found(program: Program) -> None:
    """A chain that was computed again from its first event is another log."""
    program.chat("note: one")
    forge(program.place, 1, actor="planner")
    found(program, "This is ANOTHER log than the anchored one")
    anchor_of(program.place).unlink()
    found(program, "This is ANOTHER log than the anchored one", "is gone; the copy beside the key")


def test_a_cut_end_is_found(program: Program) -> None:
    """The newest events deleted: said by `verify`, by `doctor`, at a start, and until accepted."""
    program.chat("note: one")
    end = head(program)
    cut(program.place, 2)
    found(program, f"The log is BEHIND its anchor: the anchor says event {end} (")
    checked = program.run("doctor", "--json")
    (line,) = [one for one in json.loads(checked.out) if one["part"] == "anchor"]
    assert (line["level"], checked.code) == ("fail", 1)
    assert "The log is BEHIND its anchor" in program.chat("hello")
    found(program, f"the log was behind: its anchor said event {end} (")
    assert "Anchor: On 20" in program.ok("status")
    accepted = program.ok("verify", "--accept")
    assert "nothing lies after it." in accepted
    assert "nothing lies after it." in program.ok("verify")
    assert "BEHIND" not in program.chat("hello")
    assert "All well." in program.ok("status")


def test_a_decision_cannot_be_taken_back(program: Program) -> None:
    """An accept, then the database of before it: found, though the program was never stopped."""
    place = program.place
    place.configure(**ASK_FOR_NOTES)
    program.chat("note: one")
    before = copied(place, "before")
    program.chat("accept")
    shutil.rmtree(place.data)
    shutil.copytree(before / "data", place.data)
    found(program, "The log is BEHIND its anchor")
    shutil.copy(before / "data.anchor", anchor_of(place))
    found(program, "The log is BEHIND its anchor", "or an older one was put in its place")


def test_a_deleted_anchor(program: Program) -> None:
    """The copy vouches for the log, says that the file is gone, and the next start writes it."""
    program.chat("note: one")
    anchor_of(program.place).unlink()
    said = program.ok("verify")
    assert "nothing lies after it." in said
    assert "is gone; the copy beside the key was compared." in said
    program.chat("hello")
    assert anchor_of(program.place).is_file()
    assert "gone" not in program.ok("verify")


@pytest.mark.parametrize("what", ["signature", "position"])
def test_an_anchor_of_somebody_else(program: Program, what: str) -> None:
    """A changed signature, or a changed position under the old one, does not fit."""
    program.chat("note: one")
    path = anchor_of(program.place)
    whole = json.loads(path.read_text("utf-8"))
    if what == "signature":
        whole["signature"] = "0" * 64
    else:
        whole["mark"]["position"] -= 1
    path.write_text(json.dumps(whole), encoding="utf-8")
    found(program, "The SIGNATURE of the anchor in ", "somebody else wrote it")


def test_another_key(program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever signs with a key of his own, on another machine say, is found by the owner's."""
    program.chat("note: one")
    with monkeypatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
        cut(program.place, 1)
        program.chat("hello")
        program.ok("verify", "--accept")
    found(program, "The SIGNATURE of the anchor in ", "DIFFERS from its anchor")


def test_an_empty_folder_is_a_new_beginning(program: Program) -> None:
    """An old anchor beside an empty data_dir is said in one line, and then forgotten."""
    program.chat("note: one")
    shutil.rmtree(program.place.data)
    said = program.chat("hello")
    assert "The log is empty, a new beginning: the anchor beside it is of an earlier log" in said
    assert "nothing lies after it." in program.ok("verify")


def test_what_lies_after_the_anchor_is_said(program: Program) -> None:
    """After a kill the log is ahead of its anchor, which is no fault; the number is told."""
    program.chat("note: one")
    early = anchor_of(program.place).read_bytes()
    end = head(program)
    program.chat("hello")
    more = head(program) - end
    anchor_of(program.place).write_bytes(early)
    for copy in _copies():
        copy.unlink()
    assert f"nothing up to there was changed, {more} events lie after it." in program.ok("verify")


def _copies() -> list[Path]:
    """Return the copies beside the key."""
    return list((Path(os.environ["XDG_STATE_HOME"]) / "equerry" / "anchors").glob("*.json"))


def test_without_a_place_for_the_key(program: Program) -> None:
    """No home folder: a clear sentence at the start, a warning of `doctor`, and work goes on."""
    done = program.run("chat", stdin="note: one\n", XDG_STATE_HOME="", HOME="")
    assert "The log is not anchored. There is no state folder for the key: set HOME" in done.out
    assert (done.code, program.place.note().read_text("utf-8")) == (0, "one\n")
    checked = program.run("doctor", "--json", XDG_STATE_HOME="", HOME="")
    (line,) = [one for one in json.loads(checked.out) if one["part"] == "anchor"]
    assert line["level"] == "warn"
    verified = program.run("verify", XDG_STATE_HOME="", HOME="")
    assert verified.code == 0
    assert "The log is not anchored." in verified.out


def test_a_place_that_cannot_be_written(program: Program) -> None:
    """The folder above data_dir is closed: the note is written, and the trouble is said."""
    place = program.place
    program.chat("hello")
    anchor_of(place).unlink()
    place.file.parent.chmod(0o500)
    try:
        done = program.run("chat", stdin="note: one\n", prefix=without_privileges())
        assert (done.code, place.note().read_text("utf-8")) == (0, "one\n")
        said = program.ok("status")
        assert "Anchor: The anchor '" in said
        assert (
            "cannot be written: Permission denied; check its rights and the disk, or name" in said
        )
    finally:
        place.file.parent.chmod(0o700)
    program.chat("hello")
    assert "All well." in program.ok("status")


async def test_an_effect_waits_for_its_anchor(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a note is written, its start and the owner's accept are anchored already."""
    place.configure(**ASK_FOR_NOTES)
    anchored: list[int] = []
    real = NoteAppend.run

    async def run(self: NoteAppend, args: Any, context: Any) -> ActionResult:  # noqa: ANN401 - as in the base
        anchored.append(json.loads(anchor_of(place).read_text("utf-8"))["mark"]["position"])
        return await real(self, args, context)

    monkeypatch.setattr(NoteAppend, "run", run)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say("accept")
        (started,) = await talk.events("operation.started.v1")
        (decided,) = await talk.events("card.decided.v1")
    assert anchored[0] >= started.position > decided.position


async def test_a_kill_before_the_anchor_leaves_a_log_ahead_of_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was appended and not yet anchored is no fault after a restart, and is anchored then."""
    async with sitting(place) as talk:
        await talk.say("note: one")
    with monkeypatch.context() as patch:
        patch.setattr(AnchorKeeper, "_move", _nothing)
        async with sitting(place) as talk:
            await talk.say("note: two")
    async with build_app(place.config(), lead=False) as app:
        assert app.anchor.keeper is not None
        found = await app.anchor.keeper.standing()
        assert (found.fit, found.sound) == ("fits", True)
        assert found.mark is not None
        assert found.ended > found.mark.position
    async with sitting(place) as talk:
        keeper = talk.app.anchor.keeper
        assert keeper is not None
        found = await keeper.standing()
        assert (found.mark is not None and found.mark.position) == found.ended


async def _nothing(_keeper: AnchorKeeper, _position: int) -> None:
    """Die before anything is written."""


@pytest.mark.server
def test_on_postgres(program: Program, postgres_url: str) -> None:
    """Whoever can write the server's database is found by the file beside data_dir."""
    import psycopg

    program.place.configure(storage={"database_url": postgres_url})
    program.chat("note: one")
    end = head(program)
    assert f"; anchored up to event {end} (" in program.ok("verify")
    with psycopg.connect(postgres_url) as db:
        db.execute("DELETE FROM events WHERE position > %s", [end - 2])
    found(program, f"the anchor says event {end} (")
    with psycopg.connect(postgres_url) as db:
        db.execute("DELETE FROM events")
        db.execute("DELETE FROM contents")
        db.execute("DELETE FROM read_rows")
    assert "The log is empty, a new beginning" in program.chat("hello")
