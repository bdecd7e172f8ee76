from pathlib import Path

import pytest
from docx import Document as WordDocument
from docx.styles.style import ParagraphStyle

from adapters.documents.document import Document
from core.domain.errors import BadInputError
from core.memory.documents import chunks
from tests.adapters.documents.files import read_document
from tests.adapters.documents.offices import LOCKED, OLD, W, changed, excel, inserted, saved, word


def _read(tmp_path: Path, data: bytes, name: str = "offer_2026.docx") -> Document:
    path = tmp_path / name
    path.write_bytes(data)
    return read_document(path)


def test_headings_lists_and_tables_are_read_in_order(tmp_path: Path) -> None:
    """Each in its form, so that a passage says what it stands under."""
    document = WordDocument()
    document.core_properties.title = "Offer to Ana"
    document.add_heading("Offer", 0)
    document.add_paragraph("We offer:\tthe studio\nfor a day.")
    document.add_heading("Prices", 2)
    document.add_paragraph("Weekdays", style="List Bullet")
    document.add_paragraph("Weekends", style="List Number")
    table = document.add_table(0, 2)
    for cells in (("Room", "Euros"), ("large | bright", "60\nnet"), ("", "")):
        row = table.add_row()
        row.cells[0].text, row.cells[1].text = cells
    document.add_paragraph("Valid until May.")
    read = _read(tmp_path, saved(document))
    assert (read.title, read.kind, read.note) == ("Offer to Ana", "word", "")
    assert read.text == (
        "# Offer\n\nWe offer:\tthe studio\nfor a day.\n\n## Prices\n\n- Weekdays\n- Weekends\n\n"
        "| Room | Euros |\n| --- | --- |\n| large \\| bright | 60 net |\n\nValid until May."
    )
    assert chunks(read.text, read.title)[-1].heading == "Offer › Prices"


def test_a_style_of_ones_own_is_a_heading_as_its_base_is(tmp_path: Path) -> None:
    """People make styles; what they are made of tells what they are for."""
    document = WordDocument()
    style, base = document.styles.add_style("Chapter", 1), document.styles["Heading 2"]
    assert isinstance(style, ParagraphStyle)
    assert isinstance(base, ParagraphStyle)
    style.base_style = base
    document.add_paragraph("Terms", style="Chapter")
    document.add_paragraph("Pay on time.")
    assert _read(tmp_path, saved(document)).text == "## Terms\n\nPay on time."


def test_what_frames_a_text_hides_none_of_it(tmp_path: Path) -> None:
    """Links, fields of a form, boxes and insertions are read; deletions and doubles are not."""
    document = WordDocument()
    other = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = "<mc:Choice><w:t>new</w:t></mc:Choice><mc:Fallback><w:t>old</w:t></mc:Fallback>"
    for inside in (
        "<w:hyperlink><w:r><w:t>the link</w:t></w:r></w:hyperlink>",
        "<w:ins><w:r><w:t>put in</w:t></w:r></w:ins>",
        "<w:del><w:r><w:t>taken out</w:t></w:r></w:del>",
        "<w:r><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:r>",
        f"<w:r><mc:AlternateContent {other}>{both}</mc:AlternateContent></w:r>",
    ):
        inserted(document, f"<w:p {W}>{inside}</w:p>")
    inserted(
        document,
        f"<w:sdt {W}><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>"
        "<w:p><w:r><w:t>filled in</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    )
    read = _read(tmp_path, saved(document))
    assert read.text == "the link\n\nput in\n\nboxed\n\nnew\n\nfilled in"


def test_a_table_in_a_cell_stays_there(tmp_path: Path) -> None:
    """Its words are in the cell, once; a row in a frame is a row."""
    document = WordDocument()
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "outer"
    inner = table.cell(0, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "in", "side"
    row = "<w:tr><w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    framed = f"<w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt>"
    inserted(document, f"<w:tbl {W}>{framed.format('one')}{framed.format('two')}</w:tbl>")
    read = _read(tmp_path, saved(document))
    assert read.text == "| outer | in side |\n| --- | --- |\n\none\n\ntwo"


def test_what_stands_beside_the_text_comes_last(tmp_path: Path) -> None:
    """Headers, footers and comments, each once."""
    document = WordDocument()
    document.add_paragraph("The text.")
    for section in (document.sections[0], document.add_section()):
        section.header.is_linked_to_previous = False
        section.header.paragraphs[0].text = "Studio Ana"
    document.sections[0].footer.paragraphs[0].text = "IBAN DE12"
    document.add_comment(document.paragraphs[0].runs[0], "Is this right?", author="Bob")
    text = _read(tmp_path, saved(document)).text
    assert text == (
        "The text.\n\n# Page header\n\nStudio Ana\n\n# Page footer\n\nIBAN DE12\n\n"
        "# Comments\n\nIs this right?"
    )


def test_a_text_makes_no_heading(tmp_path: Path) -> None:
    """Signs of markdown in a paragraph, and what is hidden between letters, change nothing."""
    read = _read(tmp_path, word("# Real", "Words\n=====\nmore\u202e\u200b", "```"))
    assert read.text == "# Real\n\nWords\n\nmore"
    assert (read.title, {it.heading for it in chunks(read.text, "")}) == ("Real", {"Real"})


def test_pictures_only_are_refused(tmp_path: Path) -> None:
    """A document without a word says what to do."""
    with pytest.raises(BadInputError, match=r"has no text, only pictures or nothing; save it as"):
        _read(tmp_path, word())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (LOCKED, "is locked with a password; save a copy without one"),
        (OLD, r"is of a kind that is not read; save it as \.docx, \.xlsx, \.pptx or PDF"),
        (b"<html>x</html>", "is no Word document, whatever its name says"),
        (excel({"A": [[1]]}), "is no Word document, whatever its name says"),
        (word("x")[:500], "is broken and cannot be read"),
        (changed(word("x"), {"word/document.xml": b"<w:document"}), "is broken"),
        (changed(word("x"), {"[Content_Types].xml": None}), "is broken"),
        (changed(word("x"), {"word/document.xml": None}), "is broken"),
    ],
)
def test_what_is_no_word_document_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    """Locked, old, another kind or damaged: one sentence that says what to do."""
    with pytest.raises(BadInputError, match=rf"offer_2026\.docx {sentence}") as raised:
        _read(tmp_path, data)
    assert str(raised.value).count("\n") == 0


def test_damage_anywhere_raises_nothing_raw(tmp_path: Path) -> None:
    """A file with any part overwritten is read or refused, never an error of a library."""
    whole = word("# Some", "words that are here.")
    sentences = []
    for at in range(0, len(whole), len(whole) // 60):
        try:
            _read(tmp_path, whole[:at] + b"<<PK\x05\x06[(\xff" + whole[at + 9 :])
        except BadInputError as error:
            sentences.append(str(error))
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)
