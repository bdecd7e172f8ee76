import os
from pathlib import Path

import pytest

from adapters.documents.document import MAX_BYTES, Document
from core.domain.errors import BadInputError
from core.memory.documents import chunks
from tests.adapters.documents.files import read_document

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Prices – Studio Ana</title>
<script>track("x")</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/shop">Shop menu</a></li></ul></nav>
<main><article><h1>Prices</h1>
<p>The studio costs forty euros an hour on weekdays, and sixty on the weekend, lights included.</p>
<h2>Booking</h2><p>Book two days ahead by writing to <a href="mail.html">Zoë</a>; she answers every
morning. A booking can be moved once without a fee, and a second time for ten euros.</p>
<table><tr><th>room</th><th>euros</th></tr><tr><td>large</td><td>60</td></tr></table>
</article></main><footer>Cookie settings | Imprint</footer></body></html>"""


def _read(path: Path, data: bytes | str) -> Document:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_document(path)


def test_markdown_keeps_its_form(tmp_path: Path) -> None:
    """Headings, code and tables arrive as they are; the first heading is the title."""
    text = "# The *Plan*\n\nWords.\n\n```sh\n# run\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert _read(tmp_path / "x.md", text + "\n") == Document("The Plan", text, "markdown")


def test_front_matter_names_the_document(tmp_path: Path) -> None:
    """The title of the front matter counts; its other fields stay to be asked for."""
    document = _read(tmp_path / "x.MD", '---\ntitle: "Q3: goals"\nauthor: Ana\n---\n# Other\nText.')
    assert document.title == "Q3: goals"
    assert "author: Ana" in chunks(document.text, document.title)[0].text


def test_a_text_has_the_name_of_its_file(tmp_path: Path) -> None:
    """Plain text is read with any line ends, without its byte order mark and hidden signs."""
    document = _read(tmp_path / "call_notes.txt", "\ufeffBob\u202e said\r\nyes.\x00"[:-1].encode())
    assert document == Document("call notes", "Bob said\nyes.", "text")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Zoë zahlt 40 £".encode("latin-1"), "Zoë zahlt 40 £"),
        ("“Zoë” – 40 €".encode("cp1252"), "“Zoë” – 40 €"),
        (b"Zo\xeb \x81here", "Zoë here"),
    ],
)
def test_latin_1_is_read_with_a_note(tmp_path: Path, data: bytes, text: str) -> None:
    """A file of an older encoding is read, and the owner is told to look at the accents."""
    document = _read(tmp_path / "old.text", data)
    assert document.text == text
    assert (
        document.note
        == "old.text is not UTF-8 and was read as Latin-1; check letters with accents."
    )


def test_utf_16_is_read(tmp_path: Path) -> None:
    """What Windows calls Unicode is read; when it breaks off, that is said."""
    assert _read(tmp_path / "a.txt", "Zoë".encode("utf-16")).text == "Zoë"
    with pytest.raises(BadInputError, match="save it as UTF-8"):
        _read(tmp_path / "a.txt", b"\xff\xfea\x00\x00\xd8")


def test_a_page_is_read_without_its_menus(tmp_path: Path) -> None:
    """The article, its headings and its table are kept, the rest of the page is not."""
    document = _read(tmp_path / "prices.html", PAGE)
    assert (document.title, document.kind) == ("Prices – Studio Ana", "html")
    found = chunks(document.text, document.title)
    assert found[-1].heading == "Prices › Booking"
    assert "Zoë" in document.text
    assert "| large | 60 |" in document.text
    for other in ("menu", "Cookie", "track", "mail.html"):
        assert other not in document.text


def test_a_page_without_words_is_refused(tmp_path: Path) -> None:
    """A page that scripts fill, or an empty file, has nothing to read."""
    for page in ("", "<html><body><script>run()</script></body></html>", "\x00\x01"):
        with pytest.raises(BadInputError, match=r"app\.htm (has no text|is broken)"):
            _read(tmp_path / "app.htm", page)


def test_a_short_page_is_read_whole(tmp_path: Path) -> None:
    """A page of one line is not taken for a menu."""
    assert (
        _read(tmp_path / "a.html", "<p>Rent is due on Friday.</p>").text == "Rent is due on Friday."
    )


@pytest.mark.parametrize("data", [b"a\x00b", b"%PDF-1.7 x"])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    """Bytes that are no text are refused, whatever the name says."""
    with pytest.raises(BadInputError, match="whatever its name says"):
        _read(tmp_path / "a.txt", data)


@pytest.mark.parametrize("name", ["a.png", "a", "a.md.zip"])
def test_an_unknown_file_is_refused(tmp_path: Path, name: str) -> None:
    """The sentence names the endings there are."""
    with pytest.raises(
        BadInputError, match=r"that can be read \(\.md, .*\.pdf\); convert it first"
    ):
        _read(tmp_path / name, b"\x89PNG\r\n\x1a\n")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a missing file, a pipe, a loop and an impossible name get a sentence each."""
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    for name, sentence in {
        "folder.md": "is a folder; name the files in it one by one",
        "gone.md": "There is no file",
        "pipe.md": "is no ordinary file",
        "loop.md": "cannot be opened",
        "folder.md/x.md": "There is no file|cannot be opened",
        "nul\0.md": "is no name of a file",
        "x" * 300 + ".md": "cannot be opened: File name too long",
    }.items():
        with pytest.raises(BadInputError, match=sentence):
            read_document(tmp_path / name)


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    """More than 20 MB is refused before it is looked at; 20 MB are not."""
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(BadInputError, match=r"is larger than 20 MB; split it"):
        read_document(path)
    assert len(_read(path, b"a" * MAX_BYTES).text) == MAX_BYTES
