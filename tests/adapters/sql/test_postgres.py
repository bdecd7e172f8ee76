import pytest

from tests.adapters.sql import suites


@pytest.fixture
def url(postgres_url: str) -> str:
    """Give the URL of an empty database on a private server."""
    return postgres_url


class TestEventLog(suites.SqlEventLog):
    pass


class TestLiveLog(suites.SqlLiveLog):
    pass


class TestReadModels(suites.SqlReadModels):
    pass


class TestReplay(suites.SqlReplay):
    pass
