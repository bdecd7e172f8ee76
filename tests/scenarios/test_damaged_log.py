"""What was written into the log from outside: every command goes on beside it, and says where."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core.domain.erasable import refs_of
from scripts.make_log import DATABASE, names, unpack
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting
from tests.scenarios.test_old_logs import later

OTHER = "42"
"""JSON that is no text, no object and no list."""
LISTS = (
    *("/status", "/cost", "/inbox", "/goals", "/why", "/memory", "/memory tea", "/forget"),
    *("/forget tea", "/profile", "/profile history", "/summary", "/policy", "/grants", "/agents"),
    *("/start", "/help", "/stop", "/backlog summary"),
)


class Stored(NamedTuple):
    """An event as it is stored."""

    position: int
    stream: str
    goal: str | None
    payload: str


class Damage:
    """A database that is changed beside the program, and put back."""

    def __init__(self, database: Path) -> None:
        """Change this file."""
        self._sql = sqlite3.connect(database, timeout=30, isolation_level=None)

    def kinds(self) -> list[str]:
        """Return the types of event in it."""
        return [kind for (kind,) in self._sql.execute("SELECT DISTINCT event_type FROM events")]

    def newest(self, kind: str) -> Stored:
        """Return the newest event of a type."""
        query = (
            "SELECT position, stream, goal, payload FROM events WHERE event_type = ? "
            "ORDER BY position DESC LIMIT 1"
        )
        return Stored(*self._sql.execute(query, (kind,)).fetchone())

    def put(self, stored: Stored, payload: str) -> None:
        """Write another payload into an event."""
        change = "UPDATE events SET payload = ? WHERE position = ?"
        self._sql.execute(change, (payload, stored.position))

    def put_value(self, ref: str, body: str | None) -> str | None:
        """Write another value behind a reference; return the one that was there."""
        query = "SELECT body FROM contents WHERE content_ref = ?"
        (before,) = self._sql.execute(query, (ref,)).fetchone() or (None,)
        self._sql.execute("UPDATE contents SET body = ? WHERE content_ref = ?", (body, ref))
        return before

    def close(self) -> None:
        """Let go of the file."""
        self._sql.close()

    @contextmanager
    def payload(self, stored: Stored, other: str) -> Iterator[None]:
        """Have another payload in an event."""
        self.put(stored, other)
        yield
        self.put(stored, stored.payload)

    @contextmanager
    def values(self, stored: Stored, other: str) -> Iterator[None]:
        """Have another value behind each reference of an event."""
        refs = dict.fromkeys(refs_of(json.loads(stored.payload)))
        before = {ref: self.put_value(ref, other) for ref in refs}
        yield
        for ref, body in before.items():
            self.put_value(ref, body)


async def said(talk: Sitting, line: str) -> str:
    """Return what a command says. Raises what is no sentence of ours."""
    return "\n".join(await talk.hand_in(line))


def about(stored: Stored) -> list[str]:
    """Return the commands that show this very event."""
    family, _, name = stored.stream.partition(":")
    lines = [f"/why {stored.goal}"] if stored.goal else []
    more = {"card": [f"/inbox {name}"], "fact": [f"/memory history {name}", f"/forget {name}?"]}
    return [*lines, *more.get(family, [])]


@pytest.mark.parametrize("what", ["payload", "values"])
async def test_each_command_goes_on_beside_each_event_that_was_changed(
    place: Place, what: str, tmp_path: Path
) -> None:
    """One event of each type is of another form, or its texts are, and nothing breaks."""
    unpack(names()[-1], place.data)
    database = place.data / DATABASE
    broken: dict[tuple[str, str], str] = {}
    async with sitting(place, later(database)) as talk:
        with closing(Damage(database)) as damage:
            for kind in damage.kinds():
                stored = damage.newest(kind)
                lines = [*LISTS, *about(stored), f"/export {tmp_path / kind}"]
                with getattr(damage, what)(stored, OTHER):
                    for line in lines:
                        try:
                            await said(talk, line)
                        except Exception as error:  # noqa: BLE001 - all of them are told
                            broken[kind, line] = repr(error)
    assert broken == {}


async def test_a_list_names_what_it_cannot_read_and_shows_the_others(place: Place) -> None:
    """Of two open cards one is changed; of a story one event is."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: buy milk")
        await talk.say("note: buy bread")
        first, second = (event.payload["card"] for event in await talk.events("card.opened.v1"))
        with closing(Damage(place.data / DATABASE)) as damage:
            opened = damage.newest("card.opened.v1")
            for change in (damage.payload, damage.values):
                with change(opened, OTHER):
                    inbox = await said(talk, "/inbox")
                    story = await said(talk, f"/why {opened.goal}")
                    shown = await said(talk, f"/inbox {second}")
                assert f"{first}  Add a note to notes.md" in inbox
                assert f"{second}  cannot be shown: Event {opened.position} (card.op" in inbox
                assert f"Event {opened.position} (card.opened.v1) cannot be read" in story
                assert "“note: buy bread”" in story
                assert f"Event {opened.position} (card.opened.v1) cannot be read" in shown
            for kind in ("card.shown.v1", "goal.waiting.v1"):
                with damage.payload(damage.newest(kind), OTHER):
                    assert "cannot be" not in await said(talk, "/inbox")


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("cost",),
    ("inbox", "--json"),
    ("goals",),
    ("agents",),
    ("grants",),
    ("profile",),
    ("policy",),
    ("events",),
    ("verify",),
    ("doctor",),
    ("memory", "list"),
    ("memory", "search", "tea"),
    ("chat", "--script", "/dev/null"),
    ("rebuild",),
)


@pytest.mark.parametrize("what", ["payload", "values"])
def test_the_command_line_shows_a_log_that_was_changed(
    program: Program, what: str, tmp_path: Path
) -> None:
    """One event of each type was: each command ends with what it can say, or with a sentence."""
    data = program.place.data
    unpack(names()[-1], data)
    program.ok("verify")
    with closing(Damage(data / DATABASE)) as damage:
        changed = [damage.newest(kind) for kind in damage.kinds()]
        for stored in changed:
            if what == "payload":
                damage.put(stored, OTHER)
            else:
                for ref in refs_of(json.loads(stored.payload)):
                    damage.put_value(ref, OTHER)
    broken: dict[Any, str] = {}
    for command in (*COMMANDS, ("why", str(changed[-1].goal)), ("export", str(tmp_path / "out"))):
        done = program.run(*command)
        if done.code not in {0, 1} or "Something broke" in done.out + done.err:
            broken[command] = done.err
    assert broken == {}
