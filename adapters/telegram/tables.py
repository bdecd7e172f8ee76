"""Tables as columns of equal width, where a phone has the room for them."""

import re
import unicodedata

_BETWEEN = re.compile(r"(?<!\\)\|")
WIDEST = 36
"""Characters of equal width in a line of a phone."""


def table(rows: list[list[str]]) -> str | None:
    """Return rows as aligned columns below their heading; None for more than a phone shows."""
    if not rows or any("\n" in cell for row in rows for cell in row):
        return None
    columns = max(len(row) for row in rows)
    full = [[*row, *[""] * (columns - len(row))] for row in rows]
    widths = [max(width(row[n]) for row in full) for n in range(columns)]
    if sum(widths) + 2 * (columns - 1) > WIDEST:
        return None
    numbers = [_are_numbers([row[n] for row in full[1:]]) for n in range(columns)]
    lines = [_line(row, widths, numbers) for row in full]
    rule = "  ".join("─" * each for each in widths)
    return "\n".join([lines[0], rule, *lines[1:]])


def cells(line: str) -> int:
    """Return how many cells a line of a table has as it is written."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return len(_BETWEEN.findall(inner)) + 1


def width(text: str) -> int:
    """Return how many columns a text takes where all letters are equally wide."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _line(row: list[str], widths: list[int], numbers: list[bool]) -> str:
    cells = []
    for cell, wide, right in zip(row, widths, numbers, strict=True):
        gap = " " * (wide - width(cell))
        cells.append(gap + cell if right else cell + gap)
    return "  ".join(cells).rstrip()


def _are_numbers(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(
        cell.strip("$€£%+-−~ ").replace(",", "").replace(".", "").isdigit() for cell in filled
    )
