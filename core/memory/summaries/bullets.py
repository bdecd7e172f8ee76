"""A summary as Markdown: four sections of bullets, each with its day and where it comes from."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from core.domain.base import Frozen

Section = Literal["Decisions", "Why", "Open", "Worked"]
SECTIONS: tuple[Section, ...] = get_args(Section)
LONGEST = 200
WAS = 80
LEAST_WANTED: tuple[Section, ...] = ("Worked", "Open", "Why", "Decisions")
_BULLET = re.compile(
    r"- (?:(?P<at>\d{4}-\d{2}-\d{2}) )?(?:\[(?P<ref>[^\]\s]+)\] )?(?P<text>.*?)"
    r"(?: \(was: (?P<was>.*)\))?$"
)


class Bullet(Frozen):
    """One point; `ref` is the message or goal it comes from, `was` what it took the place of."""

    section: Section
    text: str
    at: str = ""
    ref: str = ""
    was: str = ""

    @property
    def line(self) -> str:
        """The point as it stands in a summary, without the dash."""
        parts = [self.at, f"[{self.ref}]" if self.ref else "", cut(self.text, LONGEST)]
        was = f" (was: {cut(self.was, WAS)})" if self.was else ""
        return " ".join(part for part in parts if part) + was


def cut(text: str, most: int) -> str:
    """Return a text on one line, no longer than `most` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def render(bullets: Iterable[Bullet]) -> str:
    """Return the Markdown of a summary; sections without a point are left out."""
    found = list(bullets)
    blocks = []
    for section in SECTIONS:
        lines = [f"- {bullet.line}" for bullet in found if bullet.section == section]
        if lines:
            blocks.append("\n".join([f"## {section}", *lines]))
    return "\n\n".join(blocks)


def parse(text: str) -> list[Bullet]:
    """Return the points of a summary; what stands in no known section is left out."""
    bullets: list[Bullet] = []
    section: Section | None = None
    for line in text.splitlines():
        if line.startswith("## "):
            section = next((name for name in SECTIONS if name == line[3:].strip()), None)
        elif section is not None and (match := _BULLET.fullmatch(line.rstrip())):
            given = {name: value or "" for name, value in match.groupdict().items()}
            bullets.append(Bullet(section=section, **given))
    return bullets


def fitted(bullets: Sequence[Bullet], chars: int) -> list[Bullet]:
    """Return the points whose Markdown is at most so long.

    First what older points took the place of goes, then the oldest of what worked, what is open,
    why; decisions last. Earlier versions still have it all.
    """
    kept = list(bullets)
    over = len(render(kept)) - chars
    for number, bullet in enumerate(kept):
        if over <= 0:
            return kept
        kept[number] = bullet.model_copy(update={"was": ""})
        over -= len(bullet.line) - len(kept[number].line)
    for section in LEAST_WANTED:
        dropped = set[int]()
        for number in (n for n, bullet in enumerate(kept) if bullet.section == section):
            if over <= 0:
                break
            dropped.add(number)
            over -= len("- \n") + len(kept[number].line)
        kept = [bullet for number, bullet in enumerate(kept) if number not in dropped]
        if dropped:
            over = len(render(kept)) - chars  # a section without a point has no heading either
    return kept
