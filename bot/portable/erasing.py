"""Taking words out of the exports that lie under `data_dir`, also out of half an export."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.portable.folder import MARK, PRIVATE

EXPORTS = "exports"
"""The folder under `data_dir` that `/export` writes into."""
_LINED = frozenset({".jsonl", ".md"})
"""Files whose lines stand for themselves: one may go without the others."""


def erase_in_exports(data_dir: Path, holds: Callable[[str], bool]) -> list[Path]:
    """Take out every line that holds the words; return files of other forms that hold them.

    Those are the profile, which is the owner's to change. Raises OSError.
    """
    left = []
    for file in sorted(set(_files(data_dir))):
        if file.suffix in _LINED:
            _without(file, holds)
        elif holds(file.read_text(encoding="utf-8", errors="replace")):
            left.append(file)
    return left


def _files(data_dir: Path) -> Iterator[Path]:
    folders = {mark.parent for mark in data_dir.rglob(MARK)} | {data_dir / EXPORTS}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path


def _without(file: Path, holds: Callable[[str], bool]) -> None:
    """Write the file anew beside itself without these lines, where there are any."""
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        if not any(holds(line) for line in lines):
            return
        lines.seek(0)
        beside = file.with_name(f"{file.name}.new")
        beside.touch(PRIVATE)
        with beside.open("w", encoding="utf-8", errors="surrogateescape", newline="") as kept:
            kept.writelines(line for line in lines if not holds(line))
            kept.flush()
            os.fsync(kept.fileno())
    beside.replace(file)
