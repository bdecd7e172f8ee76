"""The reader in this process."""

import pytest

from adapters.inmemory.documents import MemoryDocuments
from core.domain.errors import BadInputError
from core.ports.documents import ReadText
from tests.contracts.documents import DocumentReaderContract


class TestMemoryDocuments(DocumentReaderContract):
    """With nothing scripted."""

    @pytest.fixture
    def reader(self) -> MemoryDocuments:
        """Give one that takes text for what it is."""
        return MemoryDocuments()


async def test_a_name_has_the_answer_it_was_given() -> None:
    """A text that was read, or a sentence; the names asked for are kept."""
    offer = ReadText(title="Offer", text="# Page 1\n\nForty euros.", note="Page 2 is a picture.")
    reader = MemoryDocuments({"offer.pdf": offer, "old.doc": "old.doc is of a kind not read."})
    assert await reader.read("offer.pdf", "application/pdf", b"%PDF-") == offer
    with pytest.raises(BadInputError, match="not read"):
        await reader.read("old.doc", "", b"")
    assert reader.names == ["offer.pdf", "old.doc"]
