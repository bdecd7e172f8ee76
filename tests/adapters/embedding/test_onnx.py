"""The real built-in model on the CPU."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedding import onnx
from adapters.embedding.onnx import BUILT_IN, Files, OnnxEmbedder, built_in, in_folder
from core.domain.errors import EmbeddingError
from tests.waiting import PROGRAM_S


@pytest.fixture(scope="module")
def embedder() -> Iterator[OnnxEmbedder]:
    """Give the built-in model, loaded once."""
    made = OnnxEmbedder(built_in())
    yield made
    asyncio.run(made.close())


def product(one: "object", other: "object") -> float:
    """Return how near two vectors are."""
    return sum(a * b for a, b in zip(one, other, strict=True))  # type: ignore[call-overload]


async def test_near_texts_are_nearer_than_far_ones(embedder: OnnxEmbedder) -> None:
    """What means the same in other words is nearer than what shares a word only."""
    asked = await embedder.query("Where does she live?")
    home, work, bank = await embedder.documents(
        ["Her home is in Lisbon", "He sells live bait", "The river bank was flooded"]
    )
    assert embedder.space == BUILT_IN
    assert len(asked) == 384
    assert product(asked, home) > product(asked, work) + 0.1
    assert product(asked, home) > product(asked, bank) + 0.1


def test_it_tells_nobody(tmp_path: Path) -> None:
    """The runtime's telemetry is off: it names no device and keeps no events to upload."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    code = (
        "import asyncio; from adapters.embedding.onnx import OnnxEmbedder, built_in;"
        "asyncio.run(OnnxEmbedder(built_in()).query('tea'))"
    )
    plain = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    places = {"HOME": str(home), "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(home / "cache")}
    subprocess.run(
        [sys.executable, "-c", code], env={**plain, **places}, check=True, timeout=PROGRAM_S
    )
    assert [path.name for folder in (home, temporary) for path in folder.iterdir()] == []


async def test_many_texts_equal_single_ones(embedder: OnnxEmbedder) -> None:
    """Whatever stands beside a text, in any order, its vector has length 1 and is the same."""
    texts = [
        "tea",
        "a " * 400,
        "",
        "Größe 東京 😀",
        *(f"text number {n} " * n for n in range(1, 9)),
    ]
    together = await embedder.documents(texts)
    assert len(together) == len(texts)
    for text, vector in zip(texts, together, strict=True):
        assert product(vector, vector) == pytest.approx(1, abs=1e-4)
        assert vector == await embedder.query(text), text[:20]
    assert await embedder.documents([]) == []


async def test_a_question_is_not_read_again_as_a_document(
    embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody asks becomes an entry of talk, with the vector that it was found by."""
    encode, read = vars(onnx)["_encode"], list[str]()

    def noted(session: object, tokenizer: object, text: str) -> object:
        read.append(text)
        return encode(session, tokenizer, text)

    monkeypatch.setattr(onnx, "_encode", noted)
    asked = await embedder.query("When is the fair?")
    answer, same = await embedder.documents(["It is in May.", "When is the fair?"])
    assert (same, read) == (asked, ["When is the fair?", "It is in May."])
    assert answer != asked


async def test_the_graph_of_bytes_means_what_the_model_means(embedder: OnnxEmbedder) -> None:
    """Its vectors are those of the package's own graph, which computes in floats."""
    weights = built_in().weights
    assert weights is not None
    floats = OnnxEmbedder(Files("floats", weights))
    for text in ("tea", "When did Melanie paint a sunrise?", "a long way " * 60, "Größe 東京"):
        assert product(await embedder.query(text), await floats.query(text)) > 0.985, text
    await floats.close()


async def test_a_model_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    """A file with other bytes is never loaded."""
    other = _written(tmp_path / "model.onnx", b"other bytes")
    files = Files(BUILT_IN, other, digest=built_in().digest)
    embedder = OnnxEmbedder(files)
    with pytest.raises(EmbeddingError, match=r"model\.onnx is not the one that was pinned"):
        await embedder.query("tea")
    await embedder.close()


async def test_a_broken_model_is_said(tmp_path: Path) -> None:
    """A folder whose files are no model raises a sentence at the first use."""
    _written(tmp_path / "model.onnx", b"no model")
    _written(tmp_path / "tokenizer.json", b"{}")
    embedder = OnnxEmbedder(in_folder(tmp_path))
    assert embedder.space.startswith("onnx:")
    with pytest.raises(EmbeddingError, match=r"^The embedding model onnx:.* failed: "):
        await embedder.query("tea")
    await embedder.close()


def test_a_folder_without_a_file_is_refused(tmp_path: Path) -> None:
    """The sentence names the setting, the folder and the file."""
    with pytest.raises(EmbeddingError, match=r"memory\.embedding\.path .* has no model\.onnx\."):
        in_folder(tmp_path)
    _written(tmp_path / "model.onnx", b"x")
    with pytest.raises(EmbeddingError, match=r"has no tokenizer\.json\."):
        in_folder(tmp_path)


def test_another_model_is_another_space(tmp_path: Path) -> None:
    """The space of a model in a folder is told by its bytes."""
    _written(tmp_path / "tokenizer.json", b"{}")
    spaces = set()
    for body in (b"one", b"two", b"two"):
        _written(tmp_path / "model.onnx", body)
        spaces.add(in_folder(tmp_path).space)
    assert len(spaces) == 2


def _written(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path
