import re
from pathlib import Path

import pytest
import yaml

from bot.config import load_config
from tests.architecture.source import ROOT
from tests.docs.pages import DOCS, blocks, code, links, pages

ADR = re.compile(r"\d{4}-[a-z0-9-]+\.md")
PLACES = ("adapters/", "bench/", "bot/", "core/", "docs/", "scripts/", "tests/")
SECRETS = {"OPENAI_API_KEY": "sk-for-a-test", "MAIL_PASSWORD": "for a test"}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every link into this checkout leads to a file or folder that is there."""
    inside = [link.partition("#")[0] for link in links(page) if "://" not in link]
    missing = [link for link in inside if link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_that_are_named_exist(page: Path) -> None:
    """What stands between backticks like a path of this checkout is one."""
    text = page.read_text(encoding="utf-8")
    named = {
        name for name in code(text) if name.startswith(PLACES) and not re.search(r"[ *…]", name)
    }
    assert {name for name in named if not (ROOT / name).exists() and "NNNN" not in name} == set()


def test_the_readme_is_short() -> None:
    """The README has at most 120 lines."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    """The pieces of config.yaml in the README and in docs/ are accepted as they stand."""
    shown = [block for page in pages() for block in blocks(page, "yaml")]
    assert shown
    for number, block in enumerate(shown):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        assert yaml.safe_load(block)
        load_config(file, SECRETS)


def test_decisions_are_numbered() -> None:
    """Decision records carry their number in the name and in the title, each number once."""
    files = sorted((DOCS / "adr").iterdir())
    assert [file.name for file in files if not ADR.fullmatch(file.name)] == []
    numbers = [int(file.name[:4]) for file in files]
    assert len(set(numbers)) == len(numbers)
    for number, file in zip(numbers, files, strict=True):
        assert file.read_text(encoding="utf-8").startswith(f"# {number}. ")
