"""Files by their content in this process, for tests."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from core.ports.blobs import Kept


class MemoryBlobs:
    """Blobs in a dictionary."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.contents: dict[str, bytes] = {}
        self.put_at: dict[str, datetime] = {}

    async def put(self, data: bytes) -> str:
        """Keep a content."""
        digest = hashlib.sha256(data).hexdigest()
        self.contents[digest] = data
        self.put_at[digest] = datetime.now(UTC)
        return digest

    async def get(self, digest: str) -> bytes | None:
        """Return a content that is kept."""
        return self.contents.get(digest)

    def place(self, digest: str) -> str:
        """Name no file: there is none."""
        return ""

    async def kept(self) -> Sequence[Kept]:
        """Return every content that is kept."""
        return [Kept(name, len(data), self.put_at[name]) for name, data in self.contents.items()]

    async def drop(self, digest: str) -> None:
        """Let a content go."""
        self.contents.pop(digest, None)
