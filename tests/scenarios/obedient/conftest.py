"""What every attack starts from."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.scenarios.obedient.stage import VARIABLE, Stage, stage
from tests.scenarios.places import Place
from tests.servers.http import HttpServer
from tests.servers.smtp import SmtpServer


@pytest.fixture
def login_server() -> Iterator[SmtpServer]:
    """Give a fresh SMTP server that asks for a password."""
    with SmtpServer(login=True) as server:
        yield server


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
