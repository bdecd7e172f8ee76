"""Files by their content in this process, for tests."""

import hashlib


class MemoryBlobs:
    """Blobs in a dictionary."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.kept: dict[str, bytes] = {}

    async def put(self, data: bytes) -> str:
        """Keep a content."""
        digest = hashlib.sha256(data).hexdigest()
        self.kept[digest] = data
        return digest

    async def get(self, digest: str) -> bytes | None:
        """Return a content that is kept."""
        return self.kept.get(digest)

    def place(self, digest: str) -> str:
        """Name no file: there is none."""
        return ""

    async def drop(self, digest: str) -> None:
        """Let a content go."""
        self.kept.pop(digest, None)
