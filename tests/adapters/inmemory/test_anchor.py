import pytest

from adapters.inmemory.anchor import MemoryAnchor
from tests.contracts.anchor import AnchorContract


class TestMemoryAnchor(AnchorContract):
    """In this process."""

    @pytest.fixture
    def anchor(self) -> MemoryAnchor:
        """Give an empty one."""
        return MemoryAnchor()
