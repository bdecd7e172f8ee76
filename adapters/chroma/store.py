"""A VectorStore over Chroma. It is handed ids and vectors, never a text."""

import asyncio
import os
import shutil
import socket
import sqlite3
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from adapters.chroma.scrubbing import Scrubber
from core.domain.errors import VectorStoreError
from core.ports.vector_store import Near

if TYPE_CHECKING:
    import httpx
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")
_SOME = 1000
"""Vectors in one request: below what a server takes, and no long wait for a search behind it."""
ANSWER_S = 30.0
"""How long one answer of a server may take; Chroma's client would wait for ever."""
GREET_S = 5.0
CUT_S, CUTS = 0.2, 10
"""At the end its connections are cut until the thread is free, for two seconds at most."""
_HNSW: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "ef_construction": 128,
    "max_neighbors": 24,
    "ef_search": 160,
}


def _nothing() -> None:
    """Wipe nothing: the files of a server are its own."""


class ChromaStore:
    """One thread talks to Chroma; the package is loaded when it is first needed."""

    def __init__(
        self,
        open_client: Callable[[], "ClientAPI"],
        where: str,
        scrub: Callable[[], None] = _nothing,
    ) -> None:
        """Take how to connect, how errors call the place, and what wipes files of our own."""
        self._open, self._where, self._scrub = open_client, where, scrub
        self._client: ClientAPI | None = None
        self._collections: dict[str, Collection] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chroma")
        self._closed = False

    @classmethod
    def embedded(cls, folder: Path) -> "ChromaStore":
        """Keep vectors in a folder; only one process may do so at a time."""
        return cls(lambda: _embedded(folder), f"in {folder}", Scrubber(folder))

    @classmethod
    def server(cls, url: str) -> "ChromaStore":
        """Keep vectors on a server (`http://HOST:PORT`)."""
        parts = urlsplit(url)
        return cls(lambda: _server(url), f"at {parts.hostname}:{parts.port or ''}".rstrip(":"))

    async def put(
        self, collection: str, ids: Sequence[str], vectors: Sequence["array[float]"]
    ) -> None:
        """Store vectors under their ids."""
        for start in range(0, len(ids), _SOME):
            some = list(ids[start : start + _SOME])
            await self._run(_put, collection, some, vectors[start : start + _SOME])

    async def nearest(self, collection: str, vector: "array[float]", most: int) -> list[Near]:
        """Return the nearest vectors, nearest first."""
        return await self._run(_nearest, collection, vector, most)

    async def remove(self, collection: str, ids: Sequence[str]) -> None:
        """Take vectors away."""
        for start in range(0, len(ids), _SOME):
            await self._run(_remove, collection, list(ids[start : start + _SOME]))

    async def count(self, collection: str) -> int:
        """Return how many vectors there are."""
        return await self._run(_count, collection)

    async def drop(self, collection: str) -> None:
        """Take a collection away."""
        await self._run(_drop, collection)

    async def close(self) -> None:
        """Let go of the client; an answer of a server that is still waited for is given up."""
        self._closed = True
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        for _ in range(CUTS):
            await asyncio.wait([closing], timeout=CUT_S)
            if closing.done():
                break
            self._cut()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _cut(self) -> None:
        """Have the thread see the end of every connection to the server."""
        for session in _sessions(self._client) if self._client is not None else ():
            for line in _sockets(session):
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    async def _run(self, work: Callable[..., T], collection: str, *args: Any) -> T:  # noqa: ANN401 - passed on
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._try, work, collection, args)

    def _try(self, work: Callable[..., T], collection: str, args: tuple[Any, ...]) -> T:
        if self._closed:
            message = f"Chroma {self._where} is being left."
            raise VectorStoreError(message)
        try:
            if self._client is None:
                self._scrub()
                self._client = self._open()
            try:
                return work(self._client, self._collections, collection, *args)
            finally:
                self._scrub()
        except VectorStoreError:
            raise
        except BaseException as error:
            # Chroma raises whatever its transport and its compiled core raise, panics included.
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            with suppress(Exception):
                self._close()
            self._client = None
            self._collections.clear()
            message = f"Chroma {self._where} does not answer: {_first_line(error)}"
            raise VectorStoreError(message) from error

    def _close(self) -> None:
        client, self._client = self._client, None
        self._collections.clear()
        if client is not None:
            sessions = _sessions(client)
            close = getattr(client, "close", None)
            if callable(close):
                close()
            for session in sessions:
                session.close()
            self._scrub()


_Book = dict[str, "Collection"]


def _known(client: "ClientAPI", book: _Book, name: str) -> "Collection | None":
    from chromadb.errors import NotFoundError

    if name not in book:
        try:
            book[name] = client.get_collection(name, embedding_function=None)
        except (NotFoundError, ValueError):
            return None
    return book[name]


def _put(
    client: "ClientAPI", book: _Book, name: str, ids: list[str], vectors: Sequence["array[float]"]
) -> None:
    import numpy as np

    found = _known(client, book, name)
    if found is None:
        found = book[name] = client.get_or_create_collection(
            name,
            embedding_function=None,
            configuration={"hnsw": _HNSW},
        )
    rows = [np.frombuffer(vector, dtype=np.float32) for vector in vectors]
    found.upsert(ids=ids, embeddings=np.stack(rows))


def _nearest(
    client: "ClientAPI", book: _Book, name: str, vector: "array[float]", most: int
) -> list[Near]:
    import numpy as np

    found = _known(client, book, name)
    if found is None:
        return []
    asked = np.frombuffer(vector, dtype=np.float32)[np.newaxis]
    answer = found.query(query_embeddings=asked, n_results=most, include=["distances"])
    distances = answer["distances"] or [[]]
    return [
        Near(identity, 1.0 - float(distance))
        for identity, distance in zip(answer["ids"][0], distances[0], strict=True)
    ]


def _remove(client: "ClientAPI", book: _Book, name: str, ids: list[str]) -> None:
    found = _known(client, book, name)
    if found is not None:
        found.delete(ids=ids)


def _count(client: "ClientAPI", book: _Book, name: str) -> int:
    found = _known(client, book, name)
    return found.count() if found is not None else 0


def _drop(client: "ClientAPI", book: _Book, name: str) -> None:
    if _known(client, book, name) is not None:
        client.delete_collection(name)
        book.pop(name, None)


def _embedded(folder: Path) -> "ClientAPI":
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    if _is_spoilt(folder / "chroma.sqlite3"):
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    except BaseException:
        SharedSystemClient.clear_system_cache()  # else what is half made is handed out again
        raise


def _is_spoilt(file: Path) -> bool:
    """Whether a file is no database at all; what was in it is stored again."""
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True
    return False


def _server(url: str) -> "ClientAPI":
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    import httpx
    from chromadb.config import Settings

    parts = urlsplit(url)
    headers = {"x-chroma-token": unquote(parts.password)} if parts.password else {}
    secure = parts.scheme == "https"
    host, port = parts.hostname or "127.0.0.1", parts.port or (443 if secure else 8000)
    named = f"[{host}]" if ":" in host else host
    greeting = f"{'https' if secure else 'http'}://{named}:{port}/api/v2/heartbeat"
    httpx.get(greeting, headers=headers, timeout=GREET_S).raise_for_status()
    client = chromadb.HttpClient(
        host=host,
        port=port,
        ssl=secure,
        headers=headers,
        settings=Settings(anonymized_telemetry=False),
    )
    for session in _sessions(client):
        session.timeout = ANSWER_S
    return client


def _sessions(client: "ClientAPI") -> "list[httpx.Client]":
    """Return the connections of a client of a server, which it neither limits nor closes itself."""
    servers = [getattr(it, "_server", None) for it in (client, getattr(client, "_admin_client", 0))]
    found = [getattr(server, "_session", None) for server in servers]
    return [session for session in found if session is not None]


def _sockets(session: "httpx.Client") -> list[socket.socket]:
    """Return what a client is connected by: to close it wakes nobody who waits for an answer."""
    found: list[socket.socket] = []
    pool = getattr(getattr(session, "_transport", None), "_pool", None)
    for connection in getattr(pool, "connections", ()):
        stream = getattr(getattr(connection, "_connection", None), "_network_stream", None)
        line = stream.get_extra_info("socket") if stream is not None else None
        if isinstance(line, socket.socket):
            found.append(line)
    return found


def _first_line(error: BaseException) -> str:
    text = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return text if text.endswith(".") else f"{text}."
