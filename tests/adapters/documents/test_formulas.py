from pathlib import Path

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from adapters.documents.reading import read_bytes
from tests.adapters.documents.offices import changed, excel, saved

S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_formulas_without_results_stand_where_they_are() -> None:
    """A total that no program worked out is no empty cell: its formula is read, on each sheet."""
    data = excel(
        {
            "May": [["rent", 900], ["tea", 12.5], ["total", "=SUM(B1:B2)"]],
            "Year": [["months", 12], ["total", "=May!B3*B1"]],
        }
    )
    read = read_bytes(Path("costs.xlsx"), data)
    assert "| rent | 900 |\n| --- | --- |\n| tea | 12.5 |\n| total | =SUM(B1:B2) |" in read.text
    assert "| total | =May!B3*B1 |" in read.text
    assert read.note.startswith("costs.xlsx has formulas without a result")


def test_formulas_over_many_cells_are_read_too() -> None:
    """One that fills a range, and one that is shared by cells below it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["x", 2])
    sheet["C1"] = ArrayFormula("C1:C2", "=SUM(B1:B2*2)")
    assert "=SUM(B1:B2*2)" in read_bytes(Path("a.xlsx"), saved(book)).text
    shared = (
        f'<worksheet {S}><sheetData><row r="1"><c r="A1"><v>7</v></c>'
        '<c r="B1"><f t="shared" ref="B1:B2" si="0">A1*2</f></c></row>'
        '<row r="2"><c r="A2"><v>8</v></c><c r="B2"><f t="shared" si="0"/></c></row>'
        "</sheetData></worksheet>"
    )
    data = changed(excel({"A": [["x"]]}), {"xl/worksheets/sheet1.xml": shared.encode()})
    assert "| 7 | =A1*2 |\n| --- | --- |\n| 8 | =A2*2 |" in read_bytes(Path("a.xlsx"), data).text


def test_a_result_counts_more_than_its_formula() -> None:
    """Where some formulas have results and others have none, each cell shows what it has."""
    sheet = (
        f'<worksheet {S}><sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c>'
        '<c r="B1"><f>A1+1</f></c><c r="C1" t="str"><f>"x"</f><v></v></c></row></sheetData>'
        "</worksheet>"
    )
    data = changed(excel({"A": [["x"]]}), {"xl/worksheets/sheet1.xml": sheet.encode()})
    read = read_bytes(Path("a.xlsx"), data)
    assert read.text == '# Sheet A\n\n| 2 | =A1+1 | ="x" |\n| --- | --- | --- |'
    assert read.note
