"""The reader that answers as it was told."""

import pytest

from adapters.inmemory.documents import ScriptedReader
from core.domain.errors import BadInputError
from core.ports.documents import ReadText
from tests.contracts.documents import DocumentReaderContract


class TestScriptedReader(DocumentReaderContract):
    """With nothing scripted."""

    @pytest.fixture
    def reader(self) -> ScriptedReader:
        """Give one that takes text for what it is."""
        return ScriptedReader()


async def test_a_name_has_the_answer_it_was_given() -> None:
    """A text that was read, or a sentence; the names asked for are kept."""
    offer = ReadText(title="Offer", text="# Page 1\n\nForty euros.", note="Page 2 is a picture.")
    reader = ScriptedReader({"offer.pdf": offer, "old.doc": "old.doc is of a kind not read."})
    assert await reader.read("offer.pdf", "application/pdf", b"%PDF-") == offer
    with pytest.raises(BadInputError, match="not read"):
        await reader.read("old.doc", "", b"")
    assert reader.names == ["offer.pdf", "old.doc"]
