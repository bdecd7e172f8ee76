"""What memory held before is in no file of Chroma's."""

import os
import struct
import subprocess
import sys
from array import array
from pathlib import Path

from adapters.chroma.scrubbing import Scrubber
from adapters.chroma.store import ChromaStore
from tests.architecture.source import ROOT

SECRET = b"a-secret-that-memory-held"
HEADER = struct.Struct("<iQQQQ")
PROGRAM = """
import asyncio, sys
from array import array
from pathlib import Path
from adapters.chroma.store import ChromaStore

SECRET = b"a-secret-that-memory-held"

def used() -> None:
    kept = [bytearray(SECRET * times) for times in (1, 10, 100, 5000, 20000) for _ in range(20)]
    del kept

async def main() -> None:
    store, loop = ChromaStore.embedded(Path(sys.argv[1])), asyncio.get_running_loop()
    for number in range(20):
        used()
        await loop.run_in_executor(store._thread, used)
        await store.put(f"scope{number}", ["a"], [array("f", [0.1] * 384)])
    print("made", flush=True)
    sys.stdin.readline()

asyncio.run(main())
"""


def test_no_file_holds_what_memory_held(tmp_path: Path) -> None:
    """A process whose memory was full of a secret makes indexes, and is killed: none has it."""
    folder = tmp_path / "chroma"
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}  # memory is used again at once
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"made\n"
    finally:
        process.kill()
        process.communicate()
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.name == "data_level0.bin" for path in files) == 20
    assert [path.name for path in files if SECRET[:12] in path.read_bytes()] == []


def _only_index(folder: Path) -> Path:
    (header,) = folder.glob("*/header.bin")
    return header.parent


async def test_an_index_of_a_killed_process_is_wiped_before_it_is_opened(tmp_path: Path) -> None:
    """Killed between Chroma's write and the wiping: the next start wipes it, and it works."""
    store = ChromaStore.embedded(tmp_path)
    await store.put("scope", ["a"], [array("f", [0.1] * 384)])
    await store.close()
    index = _only_index(tmp_path)
    for name in ("data_level0.bin", "length.bin"):
        file = index / name
        file.write_bytes((SECRET * 10_000)[: file.stat().st_size])
    again = ChromaStore.embedded(tmp_path)
    assert [near.id for near in await again.nearest("scope", array("f", [0.1] * 384), 1)] == ["a"]
    await again.close()
    assert all(SECRET[:12] not in file.read_bytes() for file in index.iterdir())


async def test_vectors_that_were_written_stay(tmp_path: Path) -> None:
    """An index with entries is left as it is, also after it grew and was opened again."""
    store = ChromaStore.embedded(tmp_path)
    ids = [f"v{number}" for number in range(1100)]
    vectors = [array("f", [1.0, number / 1100, *([0.0] * 6)]) for number in range(1100)]
    await store.put("scope", ids, vectors)
    await store.close()
    again = ChromaStore.embedded(tmp_path)
    for number in (0, 500, 999, 1050):
        (near,) = await again.nearest("scope", vectors[number], 1)
        assert near.cosine > 0.9999
    assert await again.count("scope") == 1100
    await again.close()


def test_an_index_of_another_form_is_left_alone(tmp_path: Path) -> None:
    """What is not understood is not written to."""
    index = tmp_path / "index"
    index.mkdir()
    for version, entries, size in ((2, 0, 40), (1, 3, 40), (1, 0, 50)):
        (index / "header.bin").write_bytes(HEADER.pack(version, 0, 10, entries, 4))
        (index / "data_level0.bin").write_bytes(b"x" * size)
        (index / "length.bin").write_bytes(b"x" * 40)
        Scrubber(tmp_path)()
        assert (index / "data_level0.bin").read_bytes() == b"x" * size
    (index / "header.bin").write_bytes(b"short")
    Scrubber(tmp_path)()
    assert (index / "length.bin").read_bytes() == b"x" * 40
