import stat
from pathlib import Path
from typing import Any

from tests.adapters.terminal.desk import ARGS, card, item
from tests.adapters.terminal.sitting import CTRL_C, CTRL_S, ENTER, ESCAPE, Sitting, sitting

DOWN, END = "\x1b[B", "\x1b[F"
EDIT, ACCEPTS, AGAIN = "Edit card", "Enter accepts this", "Enter edits again"
NEW = {**ARGS, "subject": "Invoice 2026-114!"}


async def begin(person: Sitting) -> None:
    """Open a card and its editor, with the cursor at the end of the subject."""
    await person.desk.ask(card())
    await person.press("e", EDIT)
    await person.type(DOWN, DOWN, END)


def program(folder: Path, code: str) -> str:
    """Return the command of an editor that does `code` to the file `$1`."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{code}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_an_edit_is_checked_shown_and_accepted() -> None:
    """Ctrl-S checks, Enter accepts; the decision carries all arguments of the item."""
    async with sitting() as person:
        await begin(person)
        await person.type("!")
        await person.press(CTRL_S, ACCEPTS)
        await person.type(ENTER)
        await person.until("Accepted with changes by you, 09:14")
        marker = item().marker
        assert person.desk.decisions == [("CAB12CD34", "edit", {marker: NEW}, None)]
        await person.until("│ - subject: Invoice │ │ + subject: Bill │")


async def test_an_edit_can_be_taken_up_again() -> None:
    """`e` goes back to the text as it was left."""
    async with sitting() as person:
        await begin(person)
        await person.type("?")
        await person.press(CTRL_S, ACCEPTS)
        await person.press("e", EDIT)
        await person.type(DOWN, DOWN, END, "\x7f!")
        await person.press(CTRL_S, ACCEPTS)
        await person.type(ENTER)
        await person.until("Accepted with changes")
        assert person.desk.decisions[0][2] == {item().marker: NEW}


async def test_an_edit_that_does_not_validate_is_edited_again() -> None:
    """The sentence of the refusal comes first, and nothing typed is lost."""
    async with sitting() as person:
        await person.desk.ask(card())
        await person.press("e", EDIT)
        await person.type(DOWN, END, *["\x7f"] * len("@acme.com"))
        await person.press(CTRL_S, AGAIN)
        await person.press(ENTER, EDIT)
        await person.type(DOWN, END, "@b.c")
        await person.press(CTRL_S, ACCEPTS)
        await person.type(ENTER)
        await person.until("Accepted with changes")
        assert person.desk.decisions[0][2] == {item().marker: {**ARGS, "to": ["bob@b.c"]}}


async def test_leaving_an_edit_keeps_the_card() -> None:
    """Ctrl-C in the text, Esc at the difference, and an untouched text decide nothing."""
    async with sitting() as person:
        await begin(person)
        await person.type("!")
        await person.press(CTRL_C, "> ")
        await person.until("Card CAB12CD34 stays as it was.")
        await person.press("e", EDIT)
        await person.type("x: 1\r")
        await person.press(CTRL_S, ACCEPTS)
        await person.press(ESCAPE, "> ")
        await person.press("e", EDIT)
        await person.press(CTRL_S, "> ")
        assert person.seen.count("stays as it was") == 3
        assert person.desk.decisions == []


async def test_the_owners_editor_is_used_on_a_private_file(tmp_path: Path) -> None:
    """`EDITOR` gets a file of mode 0600 that is gone afterwards."""
    code = f'stat -c "%a $1" "$1" > {tmp_path}/seen; sed -i "s/2026-114$/2026-114!/" "$1"'
    async with sitting(environ={"EDITOR": program(tmp_path, code)}) as person:
        await person.desk.ask(card())
        await person.press("e", ACCEPTS)
        await person.type(ENTER)
        await person.until("Accepted with changes")
        mode, name = (tmp_path / "seen").read_text(encoding="utf-8").split()
        assert mode == "600"
        assert name not in {str(path) for path in Path(name).parent.iterdir()}


async def test_an_editor_that_fails_leaves_the_card(tmp_path: Path) -> None:
    """An editor that ends with an error changes nothing."""
    async with sitting(environ={"VISUAL": program(tmp_path, "exit 3")}) as person:
        await person.desk.ask(card())
        await person.type("e")
        await person.until("ended with code 3")
        assert "card CAB12CD34" in person.below


async def test_an_editor_that_is_not_there_is_replaced() -> None:
    """Without the program the text is edited on the screen."""
    async with sitting(environ={"EDITOR": "/no/such/editor"}) as person:
        await person.desk.ask(card())
        await person.type("e")
        await person.until("could not be used")
        await person.until_asked(EDIT)
        await person.type(DOWN, DOWN, END, "!")
        await person.press(CTRL_S, ACCEPTS)
        await person.type(ENTER)
        await person.until("Accepted with changes")


async def test_a_bug_while_editing_is_one_line() -> None:
    """A failure inside the application ends the edit, not the session."""
    async with sitting() as person:
        await person.desk.ask(card())
        await person.press("e", EDIT)
        await person.type("x: 1\r")
        person.desk.preview_edit = broken  # type: ignore[method-assign]
        await person.press(CTRL_S, "> ")
        await person.until("✗ That failed inside Equerry (ZeroDivisionError): see the log.")
        assert "card CAB12CD34" in person.below


async def broken(card: str, marker: str, args: dict[str, Any]) -> list[str]:
    """Fail in a way nobody foresaw."""
    return [str(1 / 0)]
