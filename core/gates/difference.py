"""What an edit changes, in lines that a phone can show."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from itertools import islice
from typing import Any

from core.domain.canonical import canonical

HEADER = 2
"""Lines before the first change of a unified difference."""


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `- field: old` and `+ field: new` for each changed argument; texts line by line."""
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        line
        for name in names
        if before.get(name) != after.get(name)
        for line in _changed(name, before.get(name), after.get(name))
    )


def _changed(name: str, old: object, new: object) -> Iterator[str]:
    texts = isinstance(old, str) and isinstance(new, str)
    if texts and ("\n" in str(old) or "\n" in str(new)):
        lines = unified_diff(str(old).splitlines(), str(new).splitlines(), lineterm="", n=0)
        for line in islice(lines, HEADER, None):
            if not line.startswith("@@"):
                yield f"{line[0]} {name}: {line[1:]}"
        return
    if old is not None:
        yield f"- {name}: {_plain(old)}"
    if new is not None:
        yield f"+ {name}: {_plain(new)}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else canonical(value)
