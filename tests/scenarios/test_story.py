"""The whole path: a wish, a card, an effect, why, undo; and the log that tells of it."""

import pytest

from core.ports.event_log import EventQuery
from tests.scenarios.chain import check_chain
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import sitting

BEFORE = b"# Mine\r\n\r\n- caf\xc3\xa9, no line feed at the end"


def test_an_accepted_note_is_on_disk_and_its_undo_restores_the_file(program: Program) -> None:
    """Through the real process: asked, accepted, done, explained, undone byte for byte."""
    place = program.place
    place.configure(**ASK_FOR_NOTES)
    place.note().parent.mkdir(parents=True)
    place.note().write_bytes(BEFORE)

    asked = program.chat("note: buy milk")
    assert "low · can be undone" in asked
    assert "answer: accept" in asked
    assert place.note().read_bytes() == BEFORE

    done = program.chat("accept", "/why")
    assert "Accepted by you" in done
    assert "Added to notes.md: buy milk" in done
    assert "buy milk" in place.note().read_text("utf-8")
    assert place.note().read_bytes().startswith(BEFORE)
    for told in ("Asked by you", "Model offline", "Gate: note.append (low) → review by"):
        assert told in done
    assert "owner said accept to C" in done
    assert "as you accepted" in done

    undone = program.chat("/undo", "accept")
    assert "Undo note.append" in undone
    assert place.note().read_bytes() == BEFORE


def test_events_verify_and_rebuild_agree(program: Program) -> None:
    """The JSON lines hash to the head that `verify` names, and a rebuild changes no byte."""
    program.place.configure(**ASK_FOR_NOTES)
    program.chat("remember that Bob's email is bob@acme.com", "note: buy milk", "accept", "hello")
    lines = program.events()
    head = check_chain(lines)
    assert list(lines[0]) == [
        *("position", "id", "stream", "version", "type", "goal", "actor", "at", "payload"),
        *("causation", "key", "prev", "hash"),
    ]
    assert f"{len(lines)} events verified, head {head[:16]}" in program.ok("verify")
    assert "the same bytes as before" in program.ok("rebuild")
    assert "the same bytes as before" in program.ok("rebuild")
    assert program.events() == lines


def test_events_can_be_narrowed(program: Program) -> None:
    """By goal, by type and by time; `at` is in UTC with microseconds."""
    program.chat("hello", "note: buy milk")
    lines = program.events()
    goals = {line["goal"] for line in lines if line["type"] == "goal.started.v1"}
    assert len(goals) == 2
    one = goals.pop()
    assert {line["goal"] for line in program.events("--goal", one)} == {one}
    assert len(program.events("--type", "message.received.v1")) == 2
    middle = lines[len(lines) // 2]["at"]
    assert middle.endswith("+00:00")
    assert len(middle) == len("2026-11-23T09:00:00.123456+00:00")
    expected = [line["position"] for line in lines if line["at"] >= middle]
    assert [line["position"] for line in program.events("--since", middle)] == expected


async def test_the_path_is_the_same_on_every_store(stored_place: Place) -> None:
    """Asked, accepted, done, undone, verified and rebuilt, on SQLite and on Postgres."""
    stored_place.configure(**ASK_FOR_NOTES)
    async with sitting(stored_place) as talk:
        assert await talk.say("note: buy milk") == ""
        assert talk.card.items[0].action == "note.append"
        assert "Added to notes.md" in await talk.say("accept")
        assert stored_place.note().read_text("utf-8") == "buy milk\n"
        assert "Asked by you" in await talk.say("/why")
        await talk.say("/undo")
        assert talk.card.kind == "undo"
        await talk.say("accept")
        assert not stored_place.note().exists()
        store = talk.app.store
        assert (await store.verify()).problem is None
        before, after = await store.rebuild()
        assert before == after
        wire = [event.wire() for event in await store.read(EventQuery())]
    check_chain(wire)


@pytest.mark.parametrize("again", ["accept", "reject", "edit text=other"])
async def test_what_was_decided_stays_decided(place: Place, again: str) -> None:
    """A second answer to a card says who answered and when, and changes nothing."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: once")
        card = talk.card.card
        await talk.say(f"accept {card}")
        verb, _, rest = again.partition(" ")
        said = await talk.say(f"{verb} {card} {rest}".strip())
        assert said.startswith(f"Card {card} was already accepted by owner, ")
        assert len(await talk.events("operation.finished.v1")) == 1
        assert len(await talk.events("card.decided.v1")) == 1
    assert place.note().read_text("utf-8") == "once\n"
