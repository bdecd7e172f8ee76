from tests.architecture.source import ROOT

FOLDERS = ("bot", "core", "adapters", "tests", "scripts", "bench")
FILE_LINES = 700  # more is two concepts: docs/adr/0009-sizes.md
README_LINES = 120  # one screen of a newcomer's patience


def test_a_file_is_one_concept() -> None:
    """No source file has more lines than one concept needs."""
    found = {
        str(path.relative_to(ROOT)): lines
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sh"}
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert found == {}


def test_the_readme_is_short() -> None:
    """The README stays within 120 lines."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= README_LINES
