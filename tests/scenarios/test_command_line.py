"""The command line beside a running chat, and on its own."""

import json
import subprocess

import pytest

from tests.scenarios.places import ASK_FOR_NOTES
from tests.scenarios.program import Program


def tell(chat: "subprocess.Popen[str]", line: str) -> None:
    """Write a line to a running chat."""
    assert chat.stdin
    chat.stdin.write(line + "\n")
    chat.stdin.flush()


def hear(chat: "subprocess.Popen[str]", word: str) -> str:
    """Read what a running chat shows until a line holds `word`; return that line."""
    assert chat.stdout
    for line in chat.stdout:
        if word in line:
            return line
    raise AssertionError(word)


def test_a_card_is_decided_from_outside_while_the_chat_runs(program: Program) -> None:
    """The other process only appends the decision; the chat acts on it and says so."""
    place = program.place
    place.configure(**ASK_FOR_NOTES)
    with program.start("chat") as chat:
        tell(chat, "note: buy milk")
        card = hear(chat, "┌ card ").split()[2]
        inbox = json.loads(program.ok("inbox", "--json"))
        assert [row["card"] for row in inbox] == [card]
        assert program.ok("decide", card, "accept") == "Accepted: Add a note to notes.md\n"
        assert "Accepted by you" in hear(chat, "✅")
        hear(chat, "Added to notes.md: buy milk")
        other = program.run("chat", stdin="hello\n")
        assert other.code == 1
        assert other.err.startswith(f"Another Equerry (process {chat.pid}) is running on ")
        assert chat.stdin
        chat.stdin.close()
        assert chat.wait() == 0
    assert place.note().read_text("utf-8") == "buy milk\n"


def test_a_card_is_decided_while_nothing_runs(program: Program) -> None:
    """Then the deciding process does the work itself; the chat tells of it at its next start."""
    program.place.configure(**ASK_FOR_NOTES)
    program.chat("note: buy milk", "note: buy bread")
    first, second = (row["card"] for row in json.loads(program.ok("inbox", "--json")))
    said = program.ok("decide", first, "edit", "--args", '{"text": "buy oats"}')
    assert said.splitlines() == [
        "Accepted as edited: Add a note to notes.md",
        "- text: buy milk",
        "+ text: buy oats",
    ]
    assert program.place.note().read_text("utf-8") == "buy oats\n"
    assert "Rejected" in program.ok("decide", second.lower(), "reject", "--reason", "no bread")
    told = program.chat("/inbox")
    assert "Added to notes.md: buy oats" in told
    assert "you rejected it: no bread" in told
    assert "Nothing waits for you." in told
    assert "Did note.append" in program.ok("why", first)


def test_an_item_of_a_list_is_edited_by_its_number(program: Program) -> None:
    """New arguments of a card with several items say of which they are; else nothing is decided."""
    program.place.configure(gates={"actions": {"note.append": "review", "task.add": "review"}})
    program.chat("note: buy milk; add a task: call Acme")
    (card,) = (row["card"] for row in json.loads(program.ok("inbox", "--json")))
    vague = program.run("decide", card, "edit", "--args", '{"text": "buy oats"}')
    assert (vague.code, program.place.note().exists()) == (1, False)
    assert "Say of which item 'text' is" in vague.err
    program.ok("decide", card, "edit", "--args", '{"1.text": "buy oats"}')
    assert program.place.note().read_text("utf-8") == "buy oats\n"


def test_undo_from_the_command_line_asks(program: Program) -> None:
    """It shows what it would undo; without a yes the card stays open, with one it is undone."""
    program.chat("note: buy milk")
    note = program.place.note()
    asked = program.ok("undo", stdin="no\n")
    assert "Undo note.append" in asked
    assert "said: Added to notes.md: buy milk" in asked
    assert "Not undone. The card stays open" in asked
    assert note.exists()
    (card,) = json.loads(program.ok("inbox", "--json"))
    program.ok("decide", card["card"], "reject")
    assert "Removed notes.md" in program.ok("undo", "--yes")
    assert not note.exists()


def test_a_script_that_is_run_again_repeats_nothing(program: Program) -> None:
    """Under the same session name a line that was handed over is not handed over twice."""
    script = program.place.file.with_name("script.txt")
    script.write_text("# a comment\nnote: once\n", encoding="utf-8")
    for _ in range(2):
        program.ok("chat", "--script", str(script), "--session", "monday")
    assert program.place.note().read_text("utf-8") == "once\n"
    assert len(program.events("--type", "message.received.v1")) == 1


def test_events_are_followed(program: Program) -> None:
    """`events --follow` prints what another process appends, as it comes."""
    program.chat("hello")
    with program.start("events", "--follow", "--json", "--type", "message.received.v1") as follower:
        hear(follower, "message.received.v1")
        program.chat("hello again")
        line = json.loads(hear(follower, "message.received.v1"))
        follower.terminate()
    assert line["position"] > 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/nonsense", "/help"),
        ("accept CAAAAAAAA", "CAAAAAAAA"),
        ("note: two", "Failed (note.append)"),
    ],
)
def test_a_script_with_a_line_that_was_not_handled_ends_with_1(
    program: Program, line: str, said: str
) -> None:
    """A command that is refused, a card that is none, work that failed; the others are done."""
    program.chat("note: one")
    if line.startswith("note"):
        program.place.note().unlink()
        program.place.note().mkdir()
    done = program.run("chat", stdin=f"hello\n{line}\n/help\n")
    assert done.code == 1, done
    assert said in done.out
    assert program.run("chat", stdin="hello\n").code == 0


@pytest.mark.parametrize("command", [("status",), ("chat", "--script", "-"), ("run",)])
@pytest.mark.parametrize("most", [9, 16])
def test_too_few_open_files_are_said_in_one_line(
    program: Program, command: tuple[str, ...], most: int
) -> None:
    """Where not even the imports would get through, nothing is begun."""
    limited = ("sh", "-c", f'ulimit -n {most}; exec "$@"', "sh")
    done = program.run(*command, prefix=limited)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"Only {most} files may be open at once here (ulimit -n), which is not enough to run: "
        "allow 64 at least.\n"
    )
    soft = ("sh", "-c", 'ulimit -Sn 16; exec "$@"', "sh")
    assert program.run("status", prefix=soft).out.endswith("All well.\n")
