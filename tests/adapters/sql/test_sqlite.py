from pathlib import Path

import pytest

from tests.adapters.sql import suites


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give the URL of a database that does not exist yet, in a folder that does not either."""
    return f"sqlite:///{tmp_path}/data/log.sqlite"


class TestEventLog(suites.SqlEventLog):
    pass


class TestLiveLog(suites.SqlLiveLog):
    pass


class TestReadModels(suites.SqlReadModels):
    pass


class TestReplay(suites.SqlReplay):
    pass
