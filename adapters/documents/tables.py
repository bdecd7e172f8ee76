"""Rows of cells as a table, and files that are nothing else."""

import csv
from bisect import bisect
from collections.abc import Iterable, Sequence
from pathlib import Path

from adapters.documents.document import (
    MAX_TEXT,
    Document,
    cleaned,
    named,
    on_one_line,
    prose,
    shortened,
)
from adapters.documents.text_file import decoded

_BETWEEN = 3
"""Signs of markdown around each cell."""


class Rows:
    """Rows of a table as they come; those after `most` characters are left out, as `cut` says.

    What is measured is what the table becomes, so that a far-off cell in each row has its price.
    """

    def __init__(self, most: int = MAX_TEXT) -> None:
        """Begin without rows."""
        self.most = most
        self.kept: list[list[str]] = []
        self.size = 0
        self.cut = False

    def add(self, cells: Sequence[str]) -> bool:
        """Keep a row that is not empty, and say whether there is room for another."""
        row = [on_one_line(cell).replace("|", r"\|") for cell in cells]
        while row and not row[-1]:
            row.pop()
        if row:
            self.size += sum(len(cell) + _BETWEEN for cell in row)
            self.cut = self.size > self.most
            if not self.cut:
                self.kept.append(row)
        return not self.cut

    def table(self) -> str:
        """Return the rows as markdown, the first as its head; columns without a word are left out.

        A single column is no table, but a paragraph a row.
        """
        used = sorted({at for row in self.kept for at, cell in enumerate(row) if cell})
        if len(used) < 2:  # noqa: PLR2004 - one column
            return "\n\n".join(prose(row[used[0]]) for row in self.kept)
        # No row looks at columns after its own: one wide row must not make all others slow.
        lines = [_line(row[at] for at in used[: bisect(used, len(row) - 1)]) for row in self.kept]
        head = self.kept[0] + [""] * (used[-1] + 1 - len(self.kept[0]))
        return "\n".join([_line(head[at] for at in used), _line("---" for _ in used), *lines[1:]])

    def note(self, path: Path) -> str:
        """Return the sentence on rows that were left out, nothing where there are none."""
        return shortened(path) if self.cut else ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def from_csv(path: Path, data: bytes) -> Document:
    """Return values that commas, semicolons or tabs part as a table; what is none stays a text."""
    text, note = decoded(path, data)
    first = text[: text.find("\n") + 1] or text
    sign = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    rows = Rows()
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=sign, strict=True):
            if not rows.add(row):
                break
    except csv.Error:
        return Document(named("", path.stem), cleaned(text), "text", note)
    return Document(named("", path.stem), rows.table(), "text", f"{note} {rows.note(path)}".strip())
