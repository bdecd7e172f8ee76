"""Files that are made to do harm: small to send, and large, slow or curious when they are read."""

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from tests.adapters.documents.offices import W, changed, excel, slides, word

PAGES = 500


def endless_pdf() -> bytes:
    """Return a PDF of some 80 KB whose pages are all the same drawing of a million letters."""
    writer = PdfWriter()
    content = DecodedStreamObject()
    content.set_data(b"BT " + b"(x) Tj 0 -1 Td " * 1_000_000 + b"ET")
    drawn = writer._add_object(content.flate_encode())
    for _ in range(PAGES):
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject()})
        page[NameObject("/Contents")] = drawn
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _entities() -> bytes:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'.encode()


def _document(inside: str) -> bytes:
    return f"<w:document {W}><w:body>{inside}</w:body></w:document>".encode()


def laughing_word() -> bytes:
    """Return a Word document whose text is 10^12 times a word, by entities."""
    text = _document("<w:p><w:r><w:t>&l12;</w:t></w:r></w:p>")
    return changed(word("x"), {"word/document.xml": _entities() + text})


def laughing_excel() -> bytes:
    """Return the same joke in a cell."""
    spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = '<c r="A1" t="inlineStr"><is><t>&l12;</t></is></c>'
    sheet = f'<worksheet xmlns="{spreadsheet}"><sheetData><row r="1">{cell}</row></sheetData>'
    whole = _entities() + f"{sheet}</worksheet>".encode()
    return changed(excel({"A": [["x"]]}), {"xl/worksheets/sheet1.xml": whole})


def curious_word(file: str) -> bytes:
    """Return a Word document that asks for a file of the machine it is read on."""
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file://{file}">]>'
    text = _document("<w:p><w:r><w:t>Here: &f;</w:t></w:r></w:p>")
    return changed(word("x"), {"word/document.xml": head.encode() + text})


def deep_word(levels: int = 100_000) -> bytes:
    """Return a Word document of frames in frames."""
    inside = "<w:ins>" * levels + "<w:p/>" + "</w:ins>" * levels
    return changed(word("x"), {"word/document.xml": _document(inside)})


def bomb(megabytes: int) -> bytes:
    """Return a Word document with a part of as many MB of blanks, about a thousandth of that."""
    text = _document(" " * (megabytes * 1_000_000))
    return changed(word("x"), {"word/document.xml": text})


def bombed_slides(megabytes: int) -> bytes:
    """Return slides with a picture of as many MB of nothing."""
    picture = bytes(megabytes * 1_000_000)
    return changed(slides(("A", "b", "")), {"ppt/media/image1.png": picture})


def crowded_word(paragraphs: int) -> bytes:
    """Return a Word document of as many empty paragraphs, which take far more as a tree."""
    return changed(word("x"), {"word/document.xml": _document("<w:p/>" * paragraphs)})
