"""Fixtures over the private servers: a server a worker, a fresh database a test."""

from collections.abc import Iterator
from typing import TypeVar

import pytest

from tests.servers.chroma import ChromaServer
from tests.servers.http import HttpServer
from tests.servers.postgres import PostgresServer
from tests.servers.process import MissingProgramError
from tests.servers.redis import RedisServer
from tests.servers.smtp import SmtpServer
from tests.servers.telegram import TelegramServer

S = TypeVar("S", PostgresServer, RedisServer, ChromaServer)


def _running(server: type[S]) -> Iterator[S]:
    """Run a server; skips where its program is missing."""
    try:
        made = server()
    except MissingProgramError as missing:
        pytest.skip(str(missing))
    with made:
        yield made


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give the worker's Postgres server."""
    yield from _running(PostgresServer)


@pytest.fixture
def own_postgres_server() -> Iterator[PostgresServer]:
    """Give a Postgres server that this test may stop and start."""
    yield from _running(PostgresServer)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the URL of a fresh, empty database, dropped after the test."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Give the worker's Redis server."""
    yield from _running(RedisServer)


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """Give a Redis server that this test may stop and start."""
    yield from _running(RedisServer)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Give the URL of the worker's Redis server, emptied."""
    redis_server.clear()
    return redis_server.url


@pytest.fixture(scope="session")
def chroma_server() -> Iterator[ChromaServer]:
    """Give the worker's Chroma server."""
    yield from _running(ChromaServer)


@pytest.fixture
def own_chroma_server() -> Iterator[ChromaServer]:
    """Give a Chroma server that this test may stop and start."""
    yield from _running(ChromaServer)


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """Give a fresh SMTP server that keeps the mails of this test."""
    with SmtpServer() as server:
        yield server


@pytest.fixture
def http_server() -> Iterator[HttpServer]:
    """Give a fresh HTTP server that answers this test."""
    with HttpServer() as server:
        yield server


@pytest.fixture
def telegram_server() -> Iterator[TelegramServer]:
    """Give a fresh emulated Telegram with one bot and no people."""
    with TelegramServer() as server:
        yield server
