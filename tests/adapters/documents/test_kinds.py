import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from adapters.documents.reading import read_bytes
from core.domain.errors import BadInputError
from tests.adapters.documents.offices import LOCKED, OLD, excel, slides, word
from tests.adapters.documents.pdfs import pdf

PAGE = b"<html><title>Rent</title><body><p>It is due on Friday.</p></body></html>"


def _opendocument(kind: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        file.writestr("content.xml", "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "media_type", "data", "kind"),
    [
        ("offer", "", pdf([["Words."]]), "pdf"),
        ("offer.2026", "text/plain", pdf([["Words."]]), "pdf"),
        ("file_12", "", word("Words."), "word"),
        ("costs.xls", "application/vnd.ms-excel", excel({"A": [["Words."]]}), "excel"),
        ("deck.bin", "application/octet-stream", slides(("Words.", "", "")), "powerpoint"),
        ("main.py", "text/x-python", b"print('Words.')\n", "text"),
        ("Makefile", "", "all: \x1b[1m Words. é".encode(), "text"),
        ("page", "text/html; charset=utf-8", PAGE, "html"),
        ("notes", "Text/Markdown", b"# Words.\n", "markdown"),
        ("mail", "message/rfc822", b"From: a@b.c\nSubject: x\n\nWords.", "mail"),
        ("long", "", b"Words. " + "é".encode() * 60_000, "text"),
        ("x.json", "", b'{"a": 1}', "text"),
        ("x.YML", "", b"a: 1", "text"),
        ("app.log", "", b"Words.", "text"),
    ],
)
def test_a_file_is_read_as_what_it_is(name: str, media_type: str, data: bytes, kind: str) -> None:
    """Where the name does not tell, the first bytes do, and then what its sender says."""
    assert read_bytes(Path(name), data, media_type).kind == kind


@pytest.mark.parametrize(
    ("name", "media_type", "data"),
    [
        ("a", "text/plain", b"\x89PNG\r\n\x1a\n"),
        ("a", "application/pdf", b"\x00\x01"),
        ("a.zip", "", _opendocument("x")[60:]),
        ("a", "", "Zoë".encode("latin-1")),
    ],
)
def test_what_is_not_certain_is_refused(name: str, media_type: str, data: bytes) -> None:
    """What somebody says a file is makes no text of other bytes."""
    with pytest.raises(BadInputError, match=rf"^{name} is none of the documents that can be read"):
        read_bytes(Path(name), data, media_type)


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("letter.doc", OLD, ".docx"),
        ("letter.doc", b"any", ".docx"),
        ("letter.rtf", rb"{\rtf1 x}", ".docx"),
        ("letter.odt", _opendocument("text"), ".docx"),
        ("costs.xls", OLD, ".xlsx"),
        ("costs", _opendocument("spreadsheet"), ".xlsx"),
        ("costs.ods", b"", ".xlsx"),
        ("deck.ppt", OLD, ".pptx"),
        ("deck.docx", _opendocument("presentation"), ".pptx"),
        ("what", OLD, ".docx, .xlsx, .pptx"),
    ],
)
def test_other_forms_of_office_say_what_to_save_them_as(
    name: str, data: bytes, wanted: str
) -> None:
    """Old Office, OpenDocument and rich text are told by name or content."""
    with pytest.raises(BadInputError) as raised:
        read_bytes(Path(name), data)
    sentence = f"{name} is of a kind that is not read; save it as {wanted} or PDF and use that."
    assert str(raised.value) == sentence


@pytest.mark.parametrize("name", ["a.docx", "a.xls", "a"])
def test_a_password_is_told_whatever_the_name(name: str) -> None:
    """Office with a password looks like old Office; what it holds tells them apart."""
    with pytest.raises(BadInputError, match=f"^{name} is locked with a password"):
        read_bytes(Path(name), LOCKED)


MAIL = """\
From: =?utf-8?q?Zo=C3=AB?= <zoe@studio.example>
To: Ana <ana@acme.example>,
 Bob <bob@acme.example>
Date: Mon, 4 May 2026 09:00:00 +0200
Subject: =?utf-8?q?The_offer_=E2=80=93_May?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: multipart/alternative; boundary="a"

--a
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

# Forty euros a day, Zo=EB says.
--a
Content-Type: text/html

<p>Other words.</p>
--a--
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="offer.pdf"

JVBERg
--b--
"""


def test_a_mail_is_read_with_its_headers() -> None:
    """Who wrote what to whom, and the plain text; what is attached is named."""
    read = read_bytes(Path("saved.eml"), MAIL.encode())
    assert (read.title, read.kind) == ("The offer – May", "mail")
    assert read.text == (
        "# The offer – May\n\nFrom: Zoë <zoe@studio.example>\n"
        "To: Ana <ana@acme.example>, Bob <bob@acme.example>\n"
        "Date: Mon, 04 May 2026 09:00:00 +0200\nAttachments: offer.pdf\n\n"
        "## Forty euros a day, Zoë says."
    )
    assert read.note == "saved.eml has an attachment that is not read: offer.pdf."


def test_a_mail_that_is_a_page_only_is_read() -> None:
    """Its words are those of the page."""
    mail = b"From: a@b.c\nContent-Type: text/html; charset=utf-8\n\n<p>It is due on Friday.</p>"
    read = read_bytes(Path("rent.eml"), mail)
    assert (read.title, read.text) == ("rent", "From: a@b.c\n\nIt is due on Friday.")


@pytest.mark.parametrize("data", [b"", b"words", b"\x00\xff", b"{}"])
def test_what_is_no_mail_is_refused(data: bytes) -> None:
    """A mail says at least who wrote it, or what about."""
    with pytest.raises(BadInputError, match=r"^x\.eml is no mail, whatever its name says"):
        read_bytes(Path("x.eml"), data)
