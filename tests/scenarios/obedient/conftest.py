"""What every attack starts from."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from tests.scenarios.obedient.attacks import COUNT
from tests.scenarios.obedient.matrix import Servers
from tests.scenarios.obedient.stage import VARIABLE, Stage, stage
from tests.scenarios.places import Place
from tests.servers.http import HttpServer
from tests.servers.smtp import SmtpServer


@dataclass(frozen=True)
class Asked:
    """How many attacks each pair of the matrix is to stand, and the seed they are drawn by."""

    seed: int
    texts: int


@pytest.fixture(scope="session")
def asked(pytestconfig: pytest.Config) -> Asked:
    """Give what the command line asked for."""
    option = pytestconfig.getoption
    texts = COUNT if option("--attack-full") else option("--attack-texts")
    return Asked(option("--attack-seed"), texts)


@pytest.fixture
def login_server() -> Iterator[SmtpServer]:
    """Give a fresh SMTP server that asks for a password."""
    with SmtpServer(login=True) as server:
        yield server


@pytest.fixture
def canary() -> Iterator[HttpServer]:
    """Give the attacker's own server."""
    with HttpServer() as server:
        yield server


@pytest.fixture
def servers(http_server: HttpServer, canary: HttpServer, login_server: SmtpServer) -> Servers:
    """Give the servers of the matrix."""
    return Servers(http_server, canary, login_server)


@pytest.fixture
async def scene(
    place: Place,
    http_server: HttpServer,
    login_server: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    """Give the stage, with a secret in the environment too."""
    monkeypatch.setenv("ACME_TOKEN", VARIABLE)
    async with stage(place, http_server, login_server) as made:
        yield made
