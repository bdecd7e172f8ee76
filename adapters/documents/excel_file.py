"""The cells of an Excel file, sheet by sheet."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
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
from adapters.documents.office import EXCEL, check, opening
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

    book = openpyxl.load_workbook(
        BytesIO(data), read_only=True, data_only=True, keep_links=False, keep_vba=False
    )
    try:
        sheets = list(_sheets(book))
        title = book.properties.title or ""
    finally:
        book.close()
    if not any(rows.kept for _, rows in sheets):
        raise BadInputError(f"{path} is empty: there is nothing in any of its cells.")
    text = "\n\n".join(f"# Sheet {name}\n\n{rows.table()}" for name, rows in sheets if rows.kept)
    notes = [shortened(path)] if sheets[-1][1].cut else []
    if _has_unsaved(data):
        notes.append(
            f"{path.name} has formulas without a result, which are empty here;"
            " open and save it in Excel to have them."
        )
    return Document(named(chosen(title), path.stem), text, "excel", " ".join(notes))


def _sheets(book: "Workbook") -> Iterator[tuple[str, Rows]]:
    """Yield the sheets with their rows, as far as the text may be long."""
    left = MAX_TEXT
    for sheet in book.worksheets:
        rows = Rows(left)
        # What a file says of its own extent may be wrong, or a trap.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > MAX_ROWS or not rows.add([_shown(cell) for cell in cells]):
                break
        hidden = "" if sheet.sheet_state == "visible" else " (hidden)"
        yield f"{on_one_line(sheet.title)}{hidden}", rows
        left -= rows.size
        if rows.cut:
            break


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
