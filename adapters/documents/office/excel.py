"""The cells of an Excel file, sheet by sheet."""

import contextlib
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.documents.document import (
    MAX_TEXT,
    Document,
    chosen,
    named,
    on_one_line,
    shortened,
)
from adapters.documents.office.package import EXCEL, check, opening
from adapters.documents.tables import Rows
from core.domain.errors import BadInputError

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_ROWS = 1_048_576
"""Rows of a sheet; Excel knows no more, and a broken file may say it has."""
_UNSAVED = re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_STEP, _SEAM = 1_000_000, 100


def from_xlsx(path: Path, data: bytes) -> Document:
    """Return each sheet as a table under its name: what cells showed when they were last saved."""
    check(path, data, EXCEL, tree=False)
    with opening(path):
        return _read(path, data)


def _read(path: Path, data: bytes) -> Document:
    import openpyxl

    unsaved = _has_unsaved(data)
    with contextlib.ExitStack() as stack:
        books: list[Workbook] = []
        for only_results in (True, False) if unsaved else (True,):
            book = openpyxl.load_workbook(
                BytesIO(data),
                read_only=True,
                data_only=only_results,
                keep_links=False,
                keep_vba=False,
            )
            stack.callback(book.close)
            books.append(book)
        sheets = list(_sheets(*books))
        title = books[0].properties.title or ""
    if not any(rows.kept for _, rows in sheets):
        raise BadInputError(f"{path} is empty: there is nothing in any of its cells.")
    text = "\n\n".join(f"# Sheet {name}\n\n{rows.table()}" for name, rows in sheets if rows.kept)
    notes = [shortened(path)] if sheets[-1][1].cut else []
    if unsaved:
        notes.append(
            f"{path.name} has formulas without a result, which stand here as formulas;"
            " open and save it in Excel to have the results."
        )
    return Document(named(chosen(title), path.stem), text, "excel", " ".join(notes))


def _sheets(book: "Workbook", formulas: "Workbook | None" = None) -> Iterator[tuple[str, Rows]]:
    """Yield the sheets with their rows, as far as the text may be long.

    `formulas` is the same file with formulas in place of results, for those that have none.
    """
    left = MAX_TEXT
    for at, sheet in enumerate(book.worksheets):
        rows = Rows(left)
        # What a file says of its own extent may be wrong, or a trap.
        sheet.reset_dimensions()
        found = sheet.iter_rows(values_only=True)
        if formulas is not None:
            beside = formulas.worksheets[at]
            beside.reset_dimensions()
            found = map(_with_formulas, found, beside.iter_rows(values_only=True))
        for number, cells in enumerate(found, 1):
            if number > MAX_ROWS or not rows.add([_shown(cell) for cell in cells]):
                break
        hidden = "" if sheet.sheet_state == "visible" else " (hidden)"
        yield f"{on_one_line(sheet.title)}{hidden}", rows
        left -= rows.size
        if rows.cut:
            break


def _with_formulas(results: Sequence[object], formulas: Sequence[object]) -> list[object]:
    """Return the results of a row, and the formula where there is none."""
    return [
        getattr(formula, "text", formula) if result is None else result
        for result, formula in zip_longest(results, formulas)
    ]


def _shown(value: object) -> str:
    """Return a value as people write it, numbers with the fifteen digits that Excel has."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _has_unsaved(data: bytes) -> bool:
    """Tell whether a program wrote formulas and left it to Excel to work them out."""
    with zipfile.ZipFile(BytesIO(data)) as file:
        for name in file.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            with file.open(name) as part:
                before = b""
                while piece := part.read(_STEP):
                    if _UNSAVED.search(before + piece):
                        return True
                    before = piece[-_SEAM:]
    return False
