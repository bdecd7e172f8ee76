"""Lines of a prompt's context."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.memory.turns import BESIDE


@dataclass(frozen=True, slots=True)
class Line:
    """A line and what it tells of; one from `outside` is a handle, no word of the text."""

    text: str
    kind: str
    ref: str
    outside: bool = False


def handle(ref: str, kind: str, told: str) -> Line:
    """Return what stands for outside text: no word of it, nor of where it came from."""
    return Line(f"[{ref}] {told}", kind, ref, outside=True)


def fitting(lines: Sequence[Line], room: int) -> list[Line]:
    """Return the first lines that fit into so many characters."""
    fits = []
    for line in lines:
        room -= len(line.text) + BESIDE
        if room < 0:
            break
        fits.append(line)
    return fits
