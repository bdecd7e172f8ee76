"""Bad input, first table: the command line and the configuration.

Each row: what is given, the one clear sentence that comes back, and the exit code.
"""

import sys
from typing import NamedTuple

import pytest

from bot.cli.main import main
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Program


class Row(NamedTuple):
    """Arguments after `--config FILE`, the sentence expected on stderr, and the exit code."""

    args: str
    sentence: str
    code: int


USAGE = [
    Row("frobnicate", "No such command 'frobnicate'. See python -m bot --help.", 2),
    Row("status --jsn", "No such option '--jsn'. Did you mean '--json'?", 2),
    Row("decide", "Missing argument 'CARD'.", 2),
    Row("decide CAAAAAAAA maybe", "'maybe' is not one of 'accept', 'edit', 'reject'.", 2),
    Row("decide CAAAAAAAA edit --args {x", "--args is not valid JSON: Expecting property name", 2),
    Row("decide CAAAAAAAA edit --args [1]", "--args takes a JSON object of arguments.", 2),
    Row("decide CAAAAAAAA edit", "an edit takes what to change as --args JSON", 2),
    Row("decide CAAAAAAAA accept --args {}", "accept and reject take none", 2),
    Row("events --since nonsense", "--since takes an ISO 8601 time such as 2026-11-23T09:00", 2),
    Row("chat --pace -1", "-1.0 is not in the range x>=0.", 2),
]

CONFIG = [
    Row("data_dir: [", "config.yaml: this is not YAML at line ", 2),
    Row("just words", "config.yaml", 2),
    Row("data_dri: x", "data_dri: there is no such key; did you mean 'data_dir'?", 2),
    Row("budget: {day_usd: lots}", "budget.day_usd: 'lots' is not allowed", 2),
    Row(
        "gates: {actions: {note.append: perhaps}}",
        "gates.actions['note.append'].route: 'perhaps'",
        2,
    ),
    Row("profile: {timezone: Atlantis/Deep}", "profile.timezone: 'Atlantis/Deep'", 2),
    Row("llm: {api_key: 'env:NOT_SET_AT_ALL'}", "'NOT_SET_AT_ALL' is not set or empty", 2),
]

REFUSED = [
    Row("decide CAAAAAAAA accept", "There is no card 'CAAAAAAAA'; /inbox lists the open ones.", 1),
    Row("why G999", "There is no goal, card, operation or message 'G999'; /goals lists", 1),
    Row("why", "Nothing has happened here yet.", 1),
    Row("undo G999", "There is no operation, goal or card 'G999'; /goals lists the goals.", 1),
    Row("undo", "There is nothing that can be undone.", 1),
    Row("chat --script nowhere.txt", "The script 'nowhere.txt' cannot be read: No such file", 1),
    Row("chat --script .", "The script '.' cannot be read: Is a directory.", 1),
]


def call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *args: str
) -> tuple[int, str]:
    """Call the command line in this process; return the exit code and what is on stderr."""
    monkeypatch.setattr(sys, "argv", ["bot", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize("row", USAGE, ids=lambda row: row.args)
def test_bad_usage_is_one_line_and_exit_code_2(
    row: Row, place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was wrong and where to read more; nothing was started, nothing written."""
    args = ["--config", str(place.file), *row.args.split()]
    code, said = call(capsys, monkeypatch, *args)
    assert code == row.code
    assert row.sentence in said
    assert len(said.splitlines()) == 1
    assert not place.data.exists()


@pytest.mark.parametrize("row", CONFIG, ids=lambda row: row.args)
def test_a_bad_configuration_is_named_and_exit_code_2(
    row: Row, place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key, the value and what is allowed; nothing was started, nothing written."""
    place.file.write_text(row.args, encoding="utf-8")
    code, said = call(capsys, monkeypatch, "--config", str(place.file), "status")
    assert code == row.code
    assert row.sentence in said
    assert not place.data.exists()


def test_a_configuration_that_is_not_there_or_no_file(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are said with what to do."""
    missing = str(place.file.with_name("none.yaml"))
    assert "there is no such file" in call(capsys, monkeypatch, "--config", missing, "status")[1]
    folder = str(place.file.parent)
    code, said = call(capsys, monkeypatch, "--config", folder, "status")
    assert (code, said) == (2, f"{folder}: this is a folder; name a YAML file.\n")


def test_all_mistakes_of_a_configuration_are_told_at_once(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two mistakes are two lines."""
    place.file.write_text("data_dri: x\nbudget: {day_usd: -1}\n", encoding="utf-8")
    _, said = call(capsys, monkeypatch, "--config", str(place.file), "status")
    assert "has 2 mistakes:" in said
    assert "budget.day_usd: -1 is not allowed" in said


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.args)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(row: Row, program: Program) -> None:
    """Through the real program: one line on stderr, nothing decided, and the log still verifies."""
    done = program.run(*row.args.split())
    assert done.code == row.code
    assert row.sentence in done.err
    assert len(done.err.splitlines()) == 1


def test_refusals_decide_nothing(program: Program) -> None:
    """A card that was decided, one that expired, an edit that is not valid: no event but reads."""
    program.place.configure(**ASK_FOR_NOTES)
    program.chat("note: one", "note: two", "/stop all", "note: three", "accept")
    opened = program.events("--type", "card.opened.v1")
    first, _, third = (line["payload"]["card"] for line in opened)
    before = program.events()
    expired = program.run("decide", first, "accept")
    assert (expired.code, expired.err.count("\n")) == (1, 1)
    assert expired.err.startswith(f"Card {first} has expired: G")
    decided = program.run("decide", third, "reject")
    assert decided.code == 1
    assert decided.err.startswith(f"Card {third} was already accepted by owner, ")
    program.chat("note: four")
    (card,) = {line["payload"]["card"] for line in program.events("--type", "card.opened.v1")} - {
        line["payload"]["card"] for line in opened
    }
    edited = program.run("decide", card, "edit", "--args", '{"file": "../out.md"}')
    assert edited.code == 1
    assert len(edited.err.splitlines()) == 1
    kinds = [line["type"] for line in program.events()[len(before) :]]
    assert "card.decided.v1" not in kinds
    assert program.place.note().read_text("utf-8") == "three\n"


def test_bytes_that_are_no_text_do_not_end_a_chat(program: Program) -> None:
    """They are shown as what they are, and the next line is handled."""
    done = program.run("chat", stdin=b"note: caf\xff\xfe\nhello\n", PYTHONIOENCODING="utf-8:strict")
    assert (done.code, done.err) == (0, "")
    assert "> hello\nHello." in done.out


def test_a_terminal_without_unicode_is_served(program: Program) -> None:
    """What cannot be shown is shown as an escape, and nothing fails."""
    env = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    env |= {"PYTHONIOENCODING": "ascii:strict"}
    done = program.run(
        "chat", stdin="note: caf\N{LATIN SMALL LETTER E WITH ACUTE}\n/status\n", **env
    )
    assert (done.code, done.err) == (0, "")
    assert "\\xb7" in done.out
    assert program.run("status", **env).code == 0
