"""Places for scenarios: on SQLite, and on a private Postgres."""

from pathlib import Path

import pytest

from tests.scenarios.places import Place
from tests.scenarios.program import Program


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give an empty place on embedded defaults."""
    return Place(tmp_path)


@pytest.fixture
def program(place: Place) -> Program:
    """Give the real program on the place."""
    return Program(place)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def stored_place(request: pytest.FixtureRequest, place: Place) -> Place:
    """Give an empty place, once on SQLite and once on Postgres."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        place.configure(storage={"database_url": url})
    return place
