"""The demo: a short story, played by the real program."""

import re
from pathlib import Path

from tests.scenarios.program import Program


def test_the_demo_plays_its_story_and_leaves_nothing(program: Program, tmp_path: Path) -> None:
    """A fact, a card, an edit, why, an undo that restores the file, a reminder, the status."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = program.run("demo", "--pace", "0", TMPDIR=str(temporary))
    assert (done.code, done.err) == (0, "")
    told = [
        "Bob's email is bob@acme.com.",
        "└ answer: accept",
        "✅ Accepted by you",
        "> $ cat notes/notes.md\nBob wants the pricing page\n",
        "+ text: Bob pays within 30 days",
        "Bob wants the pricing page\nBob pays within 30 days\n",
        "Asked by you",
        "Undo note.append",
        "> $ cat notes/notes.md\nBob wants the pricing page\n",
        "To: bob@acme.com",
        "Reminder: stretch",
        "0 cards wait for you",
        "All well.",
    ]
    position = 0
    for text in told:
        position = done.out.find(text, position)
        assert position >= 0, text
        position += len(text)
    assert list(temporary.iterdir()) == []


def test_the_demo_has_words_for_people_who_watch() -> None:
    """Its script narrates, and asks for no more than the demo has."""
    lines = Path("docs/demo.txt").read_text("utf-8").splitlines()
    assert sum(line.startswith("# ") for line in lines) >= 8
    assert not [line for line in lines if re.match(r"\$ (?!cat |sleep )", line)]
