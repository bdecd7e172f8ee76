from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.files.file_write import FileArgs, FileWrite
from adapters.files.note_append import NoteAppend, NoteArgs
from adapters.files.safe_files import SafeFiles
from core.domain.errors import BadInputError, RefusedError
from core.domain.sources import Source
from core.ports.action import Found, Trace
from tests.adapters.files.conftest import context


@pytest.fixture
def note(tmp_path: Path) -> NoteAppend:
    """Give the action over a data directory that does not have the folder of notes yet."""
    return NoteAppend(SafeFiles(tmp_path / "notes", tmp_path / "journal"))


@pytest.fixture
def write(tmp_path: Path) -> FileWrite:
    """Give the action over the default folder of files."""
    return FileWrite(SafeFiles(tmp_path / "files", tmp_path / "journal"))


async def test_a_note_is_appended_as_it_was_worded(note: NoteAppend, tmp_path: Path) -> None:
    """The file holds exactly the text and a newline; the result says where."""
    result = await note.run(NoteArgs(text="Buy milk & bread"), context("m1"))
    path = tmp_path / "notes" / "notes.md"
    assert path.read_text() == "Buy milk & bread\n"
    assert result.output == {"file": "notes.md", "path": str(path), "bytes": 17}
    assert result.said == "Added to notes.md: Buy milk & bread"
    assert result.undo == {"marker": "m1"}


async def test_a_note_is_found_and_undone(note: NoteAppend, tmp_path: Path) -> None:
    """A look-up tells the same result as the run; the undo leaves no file where none was."""
    args = NoteArgs(text="one\ntwo", file="ideas/shop")
    assert await note.look_up(args, context("m1")) == Found(Trace.ABSENT)
    result = await note.run(args, context("m1"))
    assert await note.look_up(args, context("m1")) == Found(Trace.APPLIED, result)
    assert (tmp_path / "notes/ideas/shop.md").read_text() == "one\ntwo\n"
    assert result.undo is not None
    undone = await note.undo(result.undo, context("u1"))
    assert undone.said == "Removed ideas/shop.md, as it was not there before."
    assert not (tmp_path / "notes/ideas/shop.md").exists()


async def test_a_tainted_note_keeps_its_sources(note: NoteAppend) -> None:
    """What came from outside stays marked as such in the output."""
    source = Source(kind="web", ref="https://example.org")
    result = await note.run(NoteArgs(text="x"), replace(context("m1"), sources=(source,)))
    assert result.sources == (source,)


def test_the_contract_of_the_actions(note: NoteAppend, write: FileWrite) -> None:
    """Names, control arguments, impact and undo are those of the design."""
    assert (note.name, note.undo_hint) == ("note.append", "restore")
    assert (write.name, write.undo_hint) == ("file.write", "restore")
    assert (set(note.control), set(write.control)) == ({"file"}, {"path"})
    assert note.impact(NoteArgs(text="x")) == "low"
    assert write.impact(FileArgs(path="x", text="")) == "low"
    assert note.can_look_up
    assert write.can_look_up


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "\ud800"])
def test_a_note_needs_words(text: str) -> None:
    """Blank text, NUL and half characters are no notes."""
    with pytest.raises(ValidationError):
        NoteArgs(text=text)


def test_a_bad_file_is_refused_before_anything(note: NoteAppend, write: FileWrite) -> None:
    """The check names the path that cannot be used."""
    when = context("m1")
    with pytest.raises(BadInputError, match=r"\.\./x\.md"):
        note.check(NoteArgs(text="x", file="../x"), when)
    with pytest.raises(BadInputError, match="folder"):
        note.check(NoteArgs(text="x", file="ideas/"), when)
    with pytest.raises(BadInputError, match="/etc/passwd"):
        write.check(FileArgs(path="/etc/passwd", text="x"), when)
    note.check(NoteArgs(text="x", file="größe 2.md"), when)


async def test_a_file_is_written_and_restored(write: FileWrite, tmp_path: Path) -> None:
    """A file gets exactly the text; undo brings back the one before, then the absence."""
    path = tmp_path / "files" / "a.txt"
    first = await write.run(FileArgs(path="a.txt", text="old\n"), context("m1"))
    assert first.said == "Wrote a.txt (4 bytes, new)."
    second = await write.run(FileArgs(path="a.txt", text="newer\n"), context("m2"))
    assert second.said == "Wrote a.txt (6 bytes, replaced)."
    assert await write.look_up(FileArgs(path="a.txt", text="newer\n"), context("m2")) == Found(
        Trace.APPLIED, second
    )
    with pytest.raises(RefusedError):
        await write.undo({"marker": "m1"}, context("u0"))
    assert (await write.undo({"marker": "m2"}, context("u2"))).said == "Restored a.txt."
    assert path.read_text() == "old\n"
    await write.undo({"marker": "m1"}, context("u1"))
    assert not path.exists()


def test_previews_for_cards(note: NoteAppend, write: FileWrite, tmp_path: Path) -> None:
    """A card shows the note, the text of a new file, or what changes in an old one."""
    preview = note.preview(NoteArgs(text="Buy milk", file="shop"))
    assert (preview.title, preview.body) == ("Add a note to shop.md", "Buy milk")
    long = "\n".join(str(number) for number in range(30))
    preview = write.preview(FileArgs(path="a.txt", text=long))
    assert preview.title == "Write a.txt (new)"
    assert preview.body == long
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a.txt").write_text("one\ntwo\nthree\nfour\n")
    preview = write.preview(FileArgs(path="a.txt", text="one\ntwo\n3\nfour\n"))
    assert preview.title == "Change a.txt"
    assert preview.body == "@@ -2,3 +2,3 @@\n two\n-three\n+3\n four"
    (tmp_path / "files/a.txt").write_bytes(b"\xff\xfe")
    assert "no text" in write.preview(FileArgs(path="a.txt", text="x")).body
    assert "'..'" in write.preview(FileArgs(path="../a", text="x")).body
