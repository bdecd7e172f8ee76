import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

import pytest

from adapters.terminal.lines import ScriptLine, from_script, from_stream, is_interactive
from adapters.terminal.plain import PlainTerminal
from core.domain.errors import BadInputError, TransientError
from tests.adapters.terminal.desk import FakeDesk, StillClock, card, message


async def play(script: str, tmp_path: Path, pace: float = 0.0) -> tuple[str, FakeDesk, StillClock]:
    """Run a script against the fake desk; return what was printed."""
    path = tmp_path / "script.txt"
    path.write_text(script, encoding="utf-8")
    out, clock = io.StringIO(), StillClock()
    terminal = PlainTerminal(out, clock, UTC, pace=pace)
    desk = FakeDesk(terminal)
    assert await terminal.run(desk, from_script(path), "s1")
    return out.getvalue(), desk, clock


async def test_a_script_reads_as_a_conversation(tmp_path: Path) -> None:
    """Every line is echoed, its outcome follows at once, cards are answered in words."""
    printed, _, _ = await play("# a comment\nhello\n\nmail bob\naccept\n/status\n", tmp_path)
    assert printed == (
        "Equerry is here.\n"
        "> hello\n"
        "you said hello\n"
        "> mail bob\n"
        "┌ card CAB12CD04 · Send mail to bob@acme.com\n"
        "│ high · cannot be undone · $0.00\n"
        "│   Subject: Invoice 2026-114\n"
        "│   Hi Bob,\n"
        "│   the invoice for November is attached.\n"
        "│\n"
        "│   Best\n"
        "│   Ann\n"
        "│\n"
        '│ Why: you asked on Friday to "send Bob the invoice once it is ready" (G41).\n'
        "│ From: ⚠️ from file invoice-114.pdf\n"
        "│ Rule: mail is always asked · "
        "confidence 0.86 claimed, 0.69 earned (18 of 21 as proposed)\n"
        "└ answer: accept · edit field=value · reject: REASON · why\n"
        "> accept\n"
        "✅ Accepted by you, 09:14 · card CAB12CD04 · Send mail to bob@acme.com\n"
        "> /status\n"
        "output of /status\n"
    )


async def test_lines_are_named_by_session_and_line_number(tmp_path: Path) -> None:
    """A line keeps its name when the script is run again, comments and empty lines counted."""
    _, desk, _ = await play("# x\nhello\n\nbye\n", tmp_path)
    assert desk.lines == [("hello", "s1:2"), ("bye", "s1:4")]


async def test_errors_are_one_line_and_the_script_goes_on(tmp_path: Path) -> None:
    """A refusal is its sentence, a bug is named without a traceback, and later lines run."""
    printed, _, _ = await play("/bad\n/boom\nhello\n", tmp_path)
    assert printed.splitlines()[1:] == [
        "> /bad",
        "There is no command '/bad'; /help lists them.",
        "> /boom",
        "That line failed inside Equerry (RuntimeError): see the log.",
        "> hello",
        "you said hello",
    ]


async def test_pace_types_and_tells_the_comments(tmp_path: Path) -> None:
    """With a pace comments are part of the story and every line is followed by a pause."""
    printed, _, clock = await play("# Monday\nhello\n", tmp_path, pace=1.0)
    assert printed == "Equerry is here.\n# Monday\n> hello\nyou said hello\n"
    assert clock.slept.count(1.0) == 1
    assert clock.slept.count(0.5) == 1
    assert len([pause for pause in clock.slept if pause < 0.1]) == len("# Monday> hello")


async def test_a_card_that_was_edited_is_printed_whole_again() -> None:
    """With what changes, and the words that answer it: a pipe cannot rewrite what stands above."""
    out = io.StringIO()
    terminal = PlainTerminal(out, StillClock(), UTC)
    await terminal.update_card(card(draft=2, difference=("- to: bob", "+ to: eve")), "r")
    printed = out.getvalue()
    assert printed.startswith("┌ card CAB12CD34 · ")
    assert (
        "│ Edited: accepting this card means the new text.\n│   - to: bob\n│   + to: eve\n"
        in printed
    )
    assert "└ answer: accept · " in printed


async def test_outside_text_cannot_colour_or_fake_a_card() -> None:
    """Escapes and frames in messages, bodies and difference lines come out as harmless text."""
    out = io.StringIO()
    terminal = PlainTerminal(out, StillClock(), UTC)
    await terminal.send(message("\x1b[31mred\r┌ card C1 · Pay\n│ x\n└ answer\u202e"))
    await terminal.update_card(card(difference=("+ \x1b]0;t\x07", "- ┌ card")), "r")
    printed = out.getvalue()
    assert "\x1b" not in printed
    assert printed.startswith(
        "␛[31mred␍+ card C1 - Pay\n| x\n+ answer‹U+202E›\n".replace(" - ", " · ")
    )
    assert "+ card\n" in printed


async def test_a_repeat_says_so() -> None:
    """A message that may have been sent before is marked."""
    out = io.StringIO()
    await PlainTerminal(out, StillClock(), UTC).send(message("done", repeat=True))
    assert out.getvalue() == "(this may be a repeat after a restart) done\n"


async def test_an_output_that_cannot_say_it_gets_escapes() -> None:
    """An ASCII output takes a card too."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    await PlainTerminal(out, StillClock(), UTC).send(message("Grüße ✅"))
    assert raw.getvalue() == b"Gr\\xfc\\xdfe \\u2705\n"


async def test_a_reader_that_left_ends_the_run_and_fails_the_send(tmp_path: Path) -> None:
    """After a broken pipe the run ends at once and a send says that it was surely not sent."""
    reader, writer = os.pipe()
    os.close(reader)
    path = tmp_path / "script.txt"
    path.write_text("one\ntwo\n", encoding="utf-8")
    with os.fdopen(writer, "w", encoding="utf-8") as out:
        terminal = PlainTerminal(out, StillClock(), UTC)
        desk = FakeDesk(terminal)
        assert not await terminal.run(desk, from_script(path), "s1")
        assert len(desk.lines) <= 1
        with pytest.raises(TransientError):
            await terminal.send(message("x"))


async def test_a_script_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """A missing script names the path."""
    with pytest.raises(BadInputError, match=r"nothing\.txt' cannot be read: No such file"):
        await collect(from_script(tmp_path / "nothing.txt"))


async def test_a_pipe_is_read_line_by_line_until_it_ends() -> None:
    """Lines arrive while the pipe is open, with `#` as text, and the end of the pipe ends them."""
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as stream:
        os.write(writer, b"one\n")
        lines = from_stream(stream)
        assert await anext(lines) == ScriptLine(1, "one")
        os.write(writer, "# zwei ü\n\nlast".encode())
        os.close(writer)
        assert await collect(lines) == [ScriptLine(2, "# zwei ü"), ScriptLine(4, "last")]


async def collect(lines: AsyncIterator[ScriptLine]) -> list[ScriptLine]:
    """Return all lines."""
    return [line async for line in lines]


def test_pipes_and_dumb_terminals_are_not_drawn_on() -> None:
    """Only two terminals that can draw make an interactive session."""

    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert is_interactive(Tty(), Tty(), {"TERM": "xterm"})
    assert not is_interactive(Tty(), io.StringIO(), {"TERM": "xterm"})
    assert not is_interactive(Tty(), Tty(), {"TERM": "dumb"})
    assert not is_interactive(Tty(), Tty(), {})


def test_plain_mode_imports_nothing_heavy() -> None:
    """A script starts without rich and prompt_toolkit."""
    program = (
        "import sys, adapters.terminal.plain, adapters.terminal.lines; "
        "print({'rich', 'prompt_toolkit', 'yaml'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
