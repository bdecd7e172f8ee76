"""The in-memory index and vector store keep to the contracts."""

import pytest

from adapters.inmemory.knowledge import MemoryFactIndex, MemoryVectorStore
from tests.contracts.fact_index import FactIndexContract
from tests.contracts.vector_store import VectorStoreContract


class TestIndex(FactIndexContract):
    """In dictionaries."""

    @pytest.fixture
    def index(self) -> MemoryFactIndex:
        """Give an empty one."""
        return MemoryFactIndex()


class TestStore(VectorStoreContract):
    """In a dictionary."""

    @pytest.fixture
    def store(self) -> MemoryVectorStore:
        """Give an empty one."""
        return MemoryVectorStore()
