import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.docs.pages import DOCS, blocks

PAGES = sorted(DOCS.glob("extending-*.md"))


def test_there_is_a_page_for_each_kind_of_extension() -> None:
    """Actions, agents, chat surfaces and stores each have a page."""
    kinds = [page.stem.removeprefix("extending-") for page in PAGES]
    assert kinds == ["actions", "agents", "chat-surfaces", "stores"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_of_a_page_works(page: Path, tmp_path: Path) -> None:
    """The code of a page, put together, is a test module that passes."""
    module = tmp_path / f"test_{page.stem.replace('-', '_')}.py"
    module.write_text("\n\n".join(blocks(page, "python")), encoding="utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "-n0"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(ROOT), str(module)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
