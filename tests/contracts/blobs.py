"""What every keeper of files by their content keeps to; a test module gives the fixture."""

import asyncio
import hashlib
from pathlib import Path

from core.ports.blobs import Blobs


class BlobsContract:
    """`blobs` is the keeper under test, empty."""

    async def test_what_was_put_comes_back_by_its_digest(self, blobs: Blobs) -> None:
        """Any bytes, none at all too, under their SHA-256."""
        for data in (b"", b"\x00\xff picture", b"x" * 3_000_000):
            digest = await blobs.put(data)
            assert digest == hashlib.sha256(data).hexdigest()
            assert await blobs.get(digest) == data

    async def test_a_second_put_changes_nothing(self, blobs: Blobs) -> None:
        """The same content has the same digest, and stays."""
        first = await blobs.put(b"once")
        assert await blobs.put(b"once") == first
        assert await blobs.get(first) == b"once"

    async def test_what_was_dropped_is_gone(self, blobs: Blobs) -> None:
        """Only that; dropping it again, or what nobody put, changes nothing."""
        gone, kept = await blobs.put(b"gone"), await blobs.put(b"kept")
        await blobs.drop(gone)
        await blobs.drop(gone)
        await blobs.drop("0" * 64)
        assert (await blobs.get(gone), await blobs.get(kept)) == (None, b"kept")

    async def test_a_content_lies_where_it_says(self, blobs: Blobs) -> None:
        """A place is the path of a file that holds just the content; where there is none, empty."""
        place = blobs.place(await blobs.put(b"picture"))
        assert place == "" or await asyncio.to_thread(Path(place).read_bytes) == b"picture"

    async def test_what_nobody_put_is_not_there(self, blobs: Blobs) -> None:
        """It is None, no error."""
        assert await blobs.get("0" * 64) is None
