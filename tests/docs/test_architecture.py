import ast
import re

from core.projections import ALL
from scripts.events_doc import STREAMS
from tests.architecture.source import ROOT
from tests.docs.pages import DOCS, code, section

PAGE = DOCS / "architecture.md"
SHORT = 400  # lines that one concept may have: docs/adr/0009-sizes.md


def _first_cells(text: str) -> list[str]:
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [name for cell in rows for name in code(cell)]


def test_the_house_is_complete() -> None:
    """The table names every folder of bot, core and adapters, and no other."""
    named = {name.rstrip("/") for name in _first_cells(section(PAGE, "The house"))}
    there = {
        str(init.parent.relative_to(ROOT))
        for top in ("bot", "core", "adapters")
        for init in (ROOT / top).glob("*/__init__.py")
    }
    assert named - {"bot", "tests", "bench", "scripts"} == there


def test_the_way_of_a_tap_is_short() -> None:
    """Five files lead from a tap to its effect; each is short and has the part that is named."""
    table = section(PAGE, "A tap becomes an effect")
    steps = re.findall(r"^\| (\d) \| `([^`]+)` \| `([^`]+)`", table, re.MULTILINE)
    assert [number for number, _, _ in steps] == ["1", "2", "3", "4", "5"]
    for _, path, name in steps:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= SHORT
        defined = {
            node.name
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert set(name.split(".")) <= defined


def test_every_projection_is_explained() -> None:
    """The table of read models names the projections there are."""
    assert _first_cells(section(PAGE, "Read models")) == [it.name for it in ALL]


def test_every_stream_is_explained() -> None:
    """The table of streams names those of the page of events."""
    named = {name.partition(":")[0] for name in _first_cells(section(PAGE, "Streams"))}
    assert {stream.partition(":")[0] for _, stream in STREAMS} == named


def test_every_event_of_the_crash_table_exists() -> None:
    """The moments at which the process may die are named by types that are on the log."""
    from core.domain.events import PAYLOADS

    named = [name for name in _names(section(PAGE, "What kill -9 leaves")) if "." in name]
    assert len(named) > 10
    assert [name for name in named if f"{name}.v1" not in PAYLOADS] == []


def _names(text: str) -> list[str]:
    rows = [
        line.split("|")[1] for line in text.splitlines() if line.startswith(("| after", "| bef"))
    ]
    return [name for row in rows for name in code(row)]
