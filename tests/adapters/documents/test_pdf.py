from pathlib import Path

import pytest

from core.domain.errors import BadInputError
from core.memory.documents import chunks
from tests.adapters.documents.files import read_document
from tests.adapters.documents.pdfs import pdf


def _file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "offer_2026.pdf"
    path.write_bytes(data)
    return path


def test_pages_are_headings(tmp_path: Path) -> None:
    """Each page stands under its number, so that a passage says where it was found."""
    pages = [["The fee is 40 euros", "a month."], ["Notice: (three) months in Zürich."]]
    document = read_document(_file(tmp_path, pdf(pages, title="Offer to Ana")))
    assert (document.title, document.kind, document.note) == ("Offer to Ana", "pdf", "")
    assert [(p.heading, p.text) for p in chunks(document.text, document.title)] == [
        ("Page 1", "[Offer to Ana › Page 1] The fee is 40 euros\na month."),
        ("Page 2", "[Offer to Ana › Page 2] Notice: (three) months in Zürich."),
    ]


@pytest.mark.parametrize("title", ["", "Untitled", "Microsoft Word - x.docx"])
def test_the_file_names_a_pdf_without_a_title(tmp_path: Path, title: str) -> None:
    """What a program put for a title is worth less than the name of the file."""
    assert read_document(_file(tmp_path, pdf([["Words."]], title=title))).title == "offer 2026"


def test_broken_words_are_mended(tmp_path: Path) -> None:
    """A word divided at the end of a line is whole again; a name with a hyphen stays."""
    lines = ["We agree on a cancel-", "lation fee for Baden-", "Baden."]
    text = read_document(_file(tmp_path, pdf([lines]))).text
    assert "a cancellation fee for Baden-\nBaden." in text


def test_running_lines_are_left_out(tmp_path: Path) -> None:
    """The head of all pages is read once, page numbers never; other numbers at an edge stay."""
    pages = [
        ["ACME confidential", f"Text of part {n}.", "1200", f"Page {n} of 4"] for n in range(1, 5)
    ]
    text = read_document(_file(tmp_path, pdf(pages))).text
    assert text.count("ACME confidential") == 1
    assert "of 4" not in text
    assert text.count("1200") == 4
    assert "# Page 3\n\nText of part 3." in text


def test_the_text_of_a_page_makes_no_page(tmp_path: Path) -> None:
    """Lines that look like markup stay below the heading of their page."""
    lines = ["# Page 9", "Words", "=====", "```", "-- more"]
    found = chunks(read_document(_file(tmp_path, pdf([lines, ["Last."]]))).text, "")
    assert {p.heading.split(" › ")[0] for p in found} == {"Page 1", "Page 2"}
    assert "-- more" in found[0].text


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    """A picture among pages of text is no error; the note says which page is missing."""
    document = read_document(_file(tmp_path, pdf([["One."], [], ["Three."]])))
    assert document.note == "offer_2026.pdf has no text that can be read on page 2."
    assert "# Page 3\n\nThree." in document.text


def test_pictures_of_text_are_refused(tmp_path: Path) -> None:
    """A scan is refused, and the sentence says what to run."""
    with pytest.raises(BadInputError, match=r"has no text, only pictures of it; run it .*ocrmypdf"):
        read_document(_file(tmp_path, pdf([[], []])))


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    """A file that only a password opens is refused; one that is locked for changes is read."""
    with pytest.raises(BadInputError, match=r"is locked with a password; save a copy without"):
        read_document(_file(tmp_path, pdf([["Secret."]], password="pw")))
    assert "Open." in read_document(_file(tmp_path, pdf([["Open."]], password=""))).text


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    """Whatever is wrong inside, the owner gets one sentence and no error of a library."""
    whole = pdf([["Words that are here."]])
    broken = [b"%PDF-1.7\n", b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n%%EOF", whole[: len(whole) // 3]]
    broken.append(whole.replace(b"/Type /Pages", b"/Type /Pagez").replace(b"/Kids", b"/Kidz"))
    for data in broken:
        with pytest.raises(BadInputError, match=r"offer_2026\.pdf (is broken|has no text)"):
            read_document(_file(tmp_path, data))


def test_damage_anywhere_raises_nothing_raw(tmp_path: Path) -> None:
    """A file with any part overwritten is read or refused, never an error of a library."""
    whole = pdf([["Some words."], ["More words."]], title="T")
    read, sentences = 0, []
    for at in range(0, len(whole), 23):
        try:
            read_document(_file(tmp_path, whole[:at] + b"<<[(\xff" + whole[at + 5 :]))
            read += 1
        except BadInputError as error:
            sentences.append(str(error))
    assert read > 0
    assert all(sentence.endswith(".") for sentence in sentences)


def test_another_file_named_pdf_is_refused(tmp_path: Path) -> None:
    """The ending alone makes no PDF."""
    with pytest.raises(BadInputError, match="is no PDF, whatever its name says"):
        read_document(_file(tmp_path, b"<html><p>words</p></html>"))
