"""The pages of the documentation, and what tests look for in them."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT

DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`(?P<text>[^`\n]+)`")


def pages() -> list[Path]:
    """Return every page of this checkout that is written in Markdown."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def blocks(page: Path, kind: str) -> list[str]:
    """Return the fenced blocks of a kind (`python`, `yaml`) in a page."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [block["text"] for block in found if block["kind"] == kind]


def links(page: Path) -> Iterator[str]:
    """Yield the targets of the links in a page, code left out."""
    prose = _CODE.sub("", _BLOCK.sub("", page.read_text(encoding="utf-8")))
    yield from (link["target"] for link in _LINK.finditer(prose))


def code(text: str) -> Iterator[str]:
    """Yield what stands between backticks."""
    yield from (found["text"] for found in _CODE.finditer(text))


def section(page: Path, title: str) -> str:
    """Return the part of a page under a heading of the second level."""
    return page.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
