"""Files by their content: in memory, in a folder, and what a disk does to them."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from adapters.files.blobs import FileBlobs
from adapters.inmemory.blobs import MemoryBlobs
from core.domain.errors import BadInputError, DiskError, RefusedError
from tests.contracts.blobs import BlobsContract


class TestMemoryBlobs(BlobsContract):
    """In a dictionary."""

    @pytest.fixture
    def blobs(self) -> MemoryBlobs:
        """Give an empty one."""
        return MemoryBlobs()


class TestFileBlobs(BlobsContract):
    """In a folder that does not exist yet."""

    @pytest.fixture
    def blobs(self, tmp_path: Path) -> FileBlobs:
        """Give an empty one."""
        return FileBlobs(tmp_path / "blobs")


async def test_a_content_without_a_handle_to_read_it_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many open files now: it is said, and read later. A place that cannot be read is lost."""
    blobs, number = FileBlobs(tmp_path), errno.EMFILE
    digest = await blobs.put(b"as it was")

    def refused(_: Path) -> bytes:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        with pytest.raises(DiskError, match="too many open files"):
            await blobs.get(digest)
        number = errno.EIO
        assert await blobs.get(digest) is None
    assert await blobs.get(digest) == b"as it was"


async def test_a_content_that_the_disk_changed_is_lost_and_can_be_put_again(tmp_path: Path) -> None:
    """Nothing is handed out under a digest that it does not have."""
    blobs = FileBlobs(tmp_path)
    digest = await blobs.put(b"as it was")
    (tmp_path / digest[:2] / digest).write_bytes(b"as it")
    assert await blobs.get(digest) is None
    assert await blobs.put(b"as it was") == digest
    assert await blobs.get(digest) == b"as it was"


async def test_many_put_the_same_at_once(tmp_path: Path) -> None:
    """One file is there in the end, whole, and nothing beside it."""
    keepers = [FileBlobs(tmp_path) for _ in range(8)]
    digests = set(await asyncio.gather(*(keeper.put(b"y" * 100_000) for keeper in keepers)))
    assert len(digests) == 1
    files = await asyncio.to_thread(lambda: [p for p in tmp_path.rglob("*") if p.is_file()])
    assert [path.name for path in files] == list(digests)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63])
async def test_what_is_no_digest_names_no_file(name: str, tmp_path: Path) -> None:
    """A path never comes in as a digest."""
    with pytest.raises(BadInputError, match="no digest"):
        await FileBlobs(tmp_path).get(name)


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """One sentence, nothing kept."""
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(RefusedError, match="file, not a folder"):
        await FileBlobs(tmp_path / "blobs").put(b"x")
