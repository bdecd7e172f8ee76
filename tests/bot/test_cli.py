"""The command line through the real program: JSON, help, and how long a start takes."""

import json
import resource

import click

from bot.cli.main import cli
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Program

START_S = 3.0


def with_json() -> list[str]:
    """Return the names of the commands that have `--json`, but for the log."""
    return [
        name
        for name, command in cli.commands.items()
        if name != "events" and any("--json" in option.opts for option in command.params)
    ]


def test_every_json_parses(place: Place) -> None:
    """Each command prints one JSON value with `--json`, and text without."""
    place.configure(**ASK_FOR_NOTES)
    program = Program(place)
    program.chat("note: one", "add task call Acme", "always")
    names = with_json()
    assert {"status", "inbox", "goals", "agents", "policy"} <= set(names)
    for name in names:
        json.loads(program.ok(name, "--json"))
        assert program.ok(name).strip()


def test_every_command_has_words_for_people() -> None:
    """A line in `--help` that is a sentence; hidden ones are none of the contract."""
    for name, command in cli.commands.items():
        told = command.get_short_help_str(200)
        assert told.endswith("."), name
        assert isinstance(command, click.Command)
    visible = {name for name, command in cli.commands.items() if not command.hidden}
    assert visible >= {"chat", "status", "inbox", "goals", "agents", "policy", "events", "why"}
    assert visible >= {"undo", "decide", "verify", "rebuild"}


def test_help_needs_no_configuration(place: Place) -> None:
    """Also beside a configuration that cannot be read."""
    place.file.write_text("[", encoding="utf-8")
    program = Program(place)
    assert "Commands:" in program.ok("--help")
    assert "--script" in program.ok("chat", "--help")
    assert not place.data.exists()


def test_a_start_is_quick(place: Place) -> None:
    """From the command to the answer of the first line; counted in CPU time, as others work too."""
    program = Program(place)
    program.chat("hello")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program.chat("hello")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert used < START_S
