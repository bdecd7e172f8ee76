"""What every reader of documents keeps to; a test module gives the fixture."""

import asyncio

import pytest

from core.domain.errors import BadInputError
from core.ports.documents import DocumentReader


class DocumentReaderContract:
    """`reader` is the reader under test, told nothing beforehand."""

    async def test_a_text_is_read_under_the_name_of_its_file(self, reader: DocumentReader) -> None:
        """Its words come as they are, and nothing has to be said of them."""
        read = await reader.read("rates.txt", "text/plain", "Zoë pays 40 €.\n東京 🦊\n".encode())
        assert (read.title, read.text, read.note) == ("rates", "Zoë pays 40 €.\n東京 🦊", "")

    async def test_what_is_no_document_is_refused(self, reader: DocumentReader) -> None:
        """One sentence, which names the file; folders in its name are nobody's business."""
        with pytest.raises(BadInputError, match=r"^picture\.bin is no[^\n]*\.$"):
            await reader.read("/home/ana/picture.bin", "", b"\x00\x01\xff\xfe")

    @pytest.mark.parametrize("data", [b"", b" \n\n\t"])
    async def test_an_empty_file_is_refused(self, reader: DocumentReader, data: bytes) -> None:
        """There is nothing in it that could be read."""
        with pytest.raises(BadInputError, match=r"^notes\.txt is empty"):
            await reader.read("notes.txt", "text/plain", data)

    async def test_a_file_may_have_no_name(self, reader: DocumentReader) -> None:
        """It has a title all the same, and is named in sentences."""
        assert (await reader.read("", "text/plain", b"Words.")).title
        with pytest.raises(BadInputError, match=r"^The document is no"):
            await reader.read("", "", b"\x00\xff")

    async def test_a_page_is_read_under_its_address(self, reader: DocumentReader) -> None:
        """Its words come with a title or without one; a page without words is no mistake."""
        page = b"<html><body><p>Rates go up.</p></body></html>"
        assert "Rates go up." in (await reader.read_page("http://acme.example/", page)).text
        assert (await reader.read_page("http://acme.example/", b"")).text == ""

    async def test_files_side_by_side_keep_apart(self, reader: DocumentReader) -> None:
        """Each call has the text of its own file."""
        calls = [reader.read(f"{n}.txt", "text/plain", f"Text {n}.".encode()) for n in range(5)]
        found = await asyncio.gather(*calls)
        assert [(it.title, it.text) for it in found] == [(str(n), f"Text {n}.") for n in range(5)]
