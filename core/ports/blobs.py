"""Files by what is in them: what people sent, and pictures that were made."""

from typing import Protocol


class Blobs(Protocol):
    """Keeps each content once, under the SHA-256 of its bytes in hexadecimal."""

    async def put(self, data: bytes) -> str:
        """Keep a content, durable on return, and return its digest; a second time changes nothing.

        Raises StorageError.
        """
        ...

    async def get(self, digest: str) -> bytes | None:
        """Return a content; None where it is not kept, or is no longer what it was."""
        ...

    def place(self, digest: str) -> str:
        """Return the path of the file that has a content; empty where it is in no file."""
        ...

    async def drop(self, digest: str) -> None:
        """Let a content go, durable on return; one that is not there is gone already."""
        ...
