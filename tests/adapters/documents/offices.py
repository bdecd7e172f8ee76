"""Office files as the programs that people have write them, and the same with other parts."""

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
from docx import Document
from pptx import Presentation

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
LOCKED = OLD + "EncryptedPackage".encode("utf-16-le") + bytes(500)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: Any) -> bytes:  # noqa: ANN401 - a document of any of the three libraries
    """Return the bytes of a document."""
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def word(*paragraphs: str, title: str = "") -> bytes:
    """Return a Word document; a paragraph that begins with `# ` is a heading."""
    document = Document()
    document.core_properties.title = title
    for text in paragraphs:
        if text.startswith("# "):
            document.add_heading(text[2:], 1)
        else:
            document.add_paragraph(text)
    return saved(document)


def excel(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Return an Excel file with these rows on its sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def slides(*texts: tuple[str, str, str]) -> bytes:
    """Return slides of title, lines and notes."""
    deck = Presentation()
    for title, lines, notes in texts:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes[0].text_frame.text = title
        slide.shapes[1].text_frame.text = lines
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    return saved(deck)


def inserted(document: "WordDocument", xml: str) -> None:
    """Put raw XML at the end of a Word document, as other programs write it."""
    from docx.oxml.parser import parse_xml

    document.element.body.insert(-1, parse_xml(xml))


def changed(data: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """Return a zip file with parts replaced, added, or left out (None)."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**kept, **parts}.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()
