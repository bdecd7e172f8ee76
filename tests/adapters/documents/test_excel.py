from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from adapters.documents import tables
from adapters.documents.document import Document
from adapters.documents.office import excel as excel_file
from core.domain.errors import BadInputError
from core.memory.documents import chunks
from tests.adapters.documents.files import read_document
from tests.adapters.documents.offices import LOCKED, OLD, changed, excel, saved, word

SHEET = "xl/worksheets/sheet1.xml"
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _read(tmp_path: Path, data: bytes, name: str = "costs.xlsx") -> Document:
    path = tmp_path / name
    path.write_bytes(data)
    return read_document(path)


def test_sheets_are_tables_under_their_names(tmp_path: Path) -> None:
    """Values as people write them; rows and columns without a word are left out."""
    rows: list[list[object]] = [
        [None, "Item", "Cost", None, "When"],
        [],
        [None, "Rent | May", 0.1 + 0.2, None, datetime.fromisoformat("2026-05-01")],
        [None, "Tea\nand milk", 12, None, datetime.fromisoformat("2026-05-02T09:30")],
        [None, True, date(2026, 5, 3), None, time(8, 0)],
    ]
    read = _read(tmp_path, excel({"2026": rows, "Empty": [], "Small": [["Only"], ["these"]]}))
    assert (read.title, read.kind, read.note) == ("costs", "excel", "")
    assert read.text == (
        "# Sheet 2026\n\n| Item | Cost | When |\n| --- | --- | --- |\n"
        "| Rent \\| May | 0.3 | 2026-05-01 |\n| Tea and milk | 12 | 2026-05-02 09:30 |\n"
        "| TRUE | 2026-05-03 | 08:00:00 |\n\n# Sheet Small\n\nOnly\n\nthese"
    )
    assert [it.heading for it in chunks(read.text, read.title)] == ["Sheet 2026", "Sheet Small"]


def test_a_hidden_sheet_is_read_and_named_so(tmp_path: Path) -> None:
    """What its sender may not know of is told apart; files with macros are read, macros are not."""
    book = openpyxl.Workbook()
    book.properties.title = "Costs of 2026"
    book.create_sheet("Old").append(["secret", "price"])
    book["Old"].sheet_state = "hidden"
    book.worksheets[0].append(["a", "b"])
    read = _read(tmp_path, saved(book), "costs.xlsm")
    assert read.title == "Costs of 2026"
    assert "# Sheet Old (hidden)\n\n| secret | price |" in read.text


def test_a_formula_shows_what_was_saved(tmp_path: Path) -> None:
    """The last result is read; where a program left it out, its formula is, as the note says."""
    data = excel({"A": [["sum", "=1+1"]]})
    read = _read(tmp_path, data)
    assert read.text == "# Sheet A\n\n| sum | =1+1 |\n| --- | --- |"
    assert read.note == (
        "costs.xlsx has formulas without a result, which stand here as formulas;"
        " open and save it in Excel to have the results."
    )
    cells = f'<worksheet {S}><sheetData><row r="1"><c r="A1"><v>7</v></c><c r="B1"><f>1+1</f>'
    whole = f"{cells}<v>2</v></c></row></sheetData></worksheet>"
    read = _read(tmp_path, changed(data, {SHEET: whole.encode()}))
    assert (read.text, read.note) == ("# Sheet A\n\n| 7 | 2 |\n| --- | --- |", "")


def test_a_sheet_that_says_it_is_huge_is_read_as_it_is(tmp_path: Path) -> None:
    """Neither the extent that a file states nor a far-off cell makes rows out of nothing."""
    data = excel({"A": [["x", "y"]]})
    rows = '<row r="1"><c r="A1"><v>1</v></c></row>'
    rows += '<row r="900000000"><c r="B900000000"><v>2</v></c></row>'
    sheet = (
        f'<worksheet {S}><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    )
    assert _read(tmp_path, changed(data, {SHEET: sheet.encode()})).text == "# Sheet A\n\n1"


def test_a_long_file_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one call may take is filled in order, over all sheets."""
    monkeypatch.setattr(excel_file, "MAX_TEXT", 60)
    rows = [[f"row {n}", n] for n in range(1, 7)]
    read = _read(tmp_path, excel({"A": rows[:2], "B": rows, "C": rows}))
    assert read.text.count("row ") == 5
    assert "# Sheet C" not in read.text
    assert read.note == "Only the first 2,000,000 characters of costs.xlsx were read."


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (LOCKED, "is locked with a password; save a copy without one"),
        (OLD, r"is of a kind that is not read; save it as \.docx, \.xlsx, \.pptx or PDF"),
        (b"a;b", "is no Excel file, whatever its name says"),
        (word("x"), "is no Excel file, whatever its name says"),
        (excel({"A": []}), "is empty: there is nothing in any of its cells"),
        (excel({"A": [[1]]})[:900], "is broken and cannot be read"),
        (changed(excel({"A": [[1]]}), {SHEET: b"<worksheet><row"}), "is broken"),
        (changed(excel({"A": [[1]]}), {"xl/workbook.xml": b""}), "is broken"),
    ],
)
def test_what_is_no_excel_file_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    """Locked, old, another kind, empty or damaged: one sentence that says what to do."""
    with pytest.raises(BadInputError, match=rf"costs\.xlsx {sentence}"):
        _read(tmp_path, data)


def _csv(tmp_path: Path, data: bytes, name: str = "list.csv") -> Document:
    return _read(tmp_path, data, name)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_values_that_signs_part_are_a_table(tmp_path: Path, sign: str) -> None:
    """Commas, the semicolons of other countries, or tabs; quoted cells may hold any of them."""
    text = f'Item{sign}Cost\r\n"Rent{sign} May"{sign}40\r\n'
    read = _csv(tmp_path, text.encode(), "list.tsv" if sign == "\t" else "list.csv")
    first = f"Rent{sign} May".replace("\t", "")
    assert read.text == f"| Item | Cost |\n| --- | --- |\n| {first} | 40 |"
    assert (read.title, read.kind) == ("list", "text")


def test_a_table_that_is_none_stays_a_text(tmp_path: Path) -> None:
    """A quote that nobody closes loses no line."""
    assert _csv(tmp_path, b'a,"b\nc,d').text == 'a,"b\nc,d'


def test_an_old_encoding_and_a_cut_are_both_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two notes are two sentences."""
    monkeypatch.setattr(tables.Rows.__init__, "__defaults__", (30,))
    read = _csv(tmp_path, "Zoë,1\nAna,2\nBob,3\nEve,4".encode("latin-1"))
    assert read.text == "| Zoë | 1 |\n| --- | --- |\n| Ana | 2 |\n| Bob | 3 |"
    assert "was read as Latin-1" in read.note
    assert read.note.endswith("characters of list.csv were read.")
