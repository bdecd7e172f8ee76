"""Hold files, functions and parameter lists to the sizes of the house style.

Limits that only prose states erode, so `make check` runs this. Complexity is ruff's part
(C901). Names every place as `file:line`, and exits 1 when there is one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDERS = ("bot", "core", "adapters", "tests", "scripts", "bench")
FILE_LINES = 300
TEST_FILE_LINES = 400
README_LINES = 120
FUNCTION_LINES = 40
PARAMETERS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Finding(NamedTuple):
    """One place that is too large; prints as `file:line: sentence`."""

    path: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


def check(root: Path) -> Iterator[Finding]:
    """Yield every finding in the checkout at `root`, paths relative to it."""
    for folder in FOLDERS:
        limit = TEST_FILE_LINES if folder == "tests" else FILE_LINES
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".sh"}:
                yield from _check_file(path, path.relative_to(root), limit)
    for name, limit in (("Makefile", FILE_LINES), ("README.md", README_LINES)):
        if (root / name).exists():
            yield from _check_file(root / name, Path(name), limit)


def _check_file(path: Path, shown: Path, limit: int) -> Iterator[Finding]:
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > limit:
        yield Finding(shown, limit + 1, f"the file has {lines} lines, {limit} are allowed")
    if path.suffix == ".py":
        yield from check_functions(ast.parse(text), shown)


def check_functions(tree: ast.Module, shown: Path) -> Iterator[Finding]:
    """Yield the functions of one module that are too long or take too much."""
    methods = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for child in node.body
        if isinstance(child, Function)
    }
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from _check_function(node, shown, is_method=id(node) in methods)


def _check_function(node: Function, shown: Path, *, is_method: bool) -> Iterator[Finding]:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if lines > FUNCTION_LINES:
        sentence = f"{node.name}() has {lines} lines, {FUNCTION_LINES} are allowed"
        yield Finding(shown, node.lineno, sentence)
    parameters = _count_parameters(node, is_method=is_method)
    if parameters > PARAMETERS:
        sentence = f"{node.name}() takes {parameters} parameters, {PARAMETERS} are allowed"
        yield Finding(shown, node.lineno, sentence)


def _count_parameters(node: Function, *, is_method: bool) -> int:
    args = node.args
    named = [*args.posonlyargs, *args.args]
    if is_method and named and not _is_static(node):
        named = named[1:]
    starred = sum(arg is not None for arg in (args.vararg, args.kwarg))
    return len(named) + len(args.kwonlyargs) + starred


def _is_static(node: Function) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


def main() -> int:
    """Print the findings in this checkout; the exit code says whether there are any."""
    findings = list(check(Path(__file__).resolve().parent.parent))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
