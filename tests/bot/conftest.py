"""Places for tests of the running application."""

from pathlib import Path

import pytest

from tests.scenarios.places import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give an empty place on embedded defaults."""
    return Place(tmp_path)
