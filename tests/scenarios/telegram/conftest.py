"""A phone over a fresh emulator."""

from pathlib import Path

import pytest

from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.telegram.phone import ADA, Phone
from tests.servers.telegram import TelegramServer


@pytest.fixture
def phone(tmp_path: Path, telegram_server: TelegramServer) -> Phone:
    """Give an application that is not started yet, and an owner who is not paired."""
    settings = {"token": telegram_server.token, "api_base": telegram_server.api_base}
    place = Place(tmp_path / "place", {"telegram": settings, **ASK_FOR_NOTES})
    owner = telegram_server.user(ADA, "Ada", "ada")
    return Phone(place, telegram_server, owner, telegram_server.private(owner))
