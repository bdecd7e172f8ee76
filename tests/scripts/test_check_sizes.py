from pathlib import Path

import pytest

from scripts.check_sizes import check


def findings(root: Path, path: str, text: str) -> list[str]:
    """Check a checkout that has one file."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return [str(finding) for finding in check(root)]


def function(lines: int, parameters: str = "") -> str:
    """Write a function of that many lines."""
    return f"def act({parameters}):\n" + "    pass\n" * (lines - 1)


def test_a_file_of_the_largest_size_passes(tmp_path: Path) -> None:
    """A file of exactly 300 lines is not reported."""
    assert findings(tmp_path, "core/a.py", "x = 1\n" * 300) == []


def test_a_file_that_is_too_long_is_named(tmp_path: Path) -> None:
    """A file of 301 lines is reported at its first line too many."""
    assert findings(tmp_path, "core/a.py", "x = 1\n" * 301) == [
        "core/a.py:301: the file has 301 lines, 300 are allowed"
    ]


@pytest.mark.parametrize(("lines", "count"), [(400, 0), (401, 1)])
def test_tests_may_be_longer(tmp_path: Path, lines: int, count: int) -> None:
    """A file under tests may have 400 lines."""
    assert len(findings(tmp_path, "tests/core/test_a.py", "x = 1\n" * lines)) == count


def test_a_long_readme_is_named(tmp_path: Path) -> None:
    """The README is held to 120 lines."""
    assert findings(tmp_path, "README.md", "word\n" * 121) == [
        "README.md:121: the file has 121 lines, 120 are allowed"
    ]


def test_a_function_of_the_largest_size_passes(tmp_path: Path) -> None:
    """A function of exactly 40 lines with six parameters is not reported."""
    assert findings(tmp_path, "bot/a.py", function(40, "a, b, /, c, *, d, e, f")) == []


def test_a_function_that_is_too_long_is_named(tmp_path: Path) -> None:
    """A function of 41 lines is reported at its `def`."""
    assert findings(tmp_path, "bot/a.py", "@cache\n" + function(41)) == [
        "bot/a.py:2: act() has 41 lines, 40 are allowed"
    ]


def test_every_kind_of_parameter_counts(tmp_path: Path) -> None:
    """Positional, keyword and starred parameters are counted alike."""
    assert findings(tmp_path, "bot/a.py", function(2, "a, b, /, c, *d, e, f, **g")) == [
        "bot/a.py:1: act() takes 7 parameters, 6 are allowed"
    ]


@pytest.mark.parametrize(("first", "count"), [("self, ", 0), ("", 0), ("g, ", 1)])
def test_self_does_not_count(tmp_path: Path, first: str, count: int) -> None:
    """The first parameter of a method is free, that of a static method is not."""
    decorator = "    @staticmethod\n" if first == "g, " else ""
    self = first or "cls, "
    text = f"class A:\n{decorator}    async def act({self}a, b, c, d, e, f):\n        pass\n"
    assert len(findings(tmp_path, "adapters/a.py", text)) == count


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    """What is not part of the project, such as the environment, is not read."""
    assert findings(tmp_path, ".venv/lib/a.py", "x = 1\n" * 999) == []
