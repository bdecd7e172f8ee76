"""What an edit changes, whole: one line for each value, texts line by line."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.domain.arguments import leaves, shown
from core.domain.line_changes import line_changes


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `- field: old` and `+ field: new` for each value of each changed argument."""
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
        for line in line_changes(str(old), str(new), context=0):
            if not line.startswith("@@"):
                yield f"{line[0]} {name}: {line[1:]}"
        return
    yield from (f"- {path}: {shown(leaf)}" for path, leaf in leaves(old, name))
    yield from (f"+ {path}: {shown(leaf)}" for path, leaf in leaves(new, name))
    if not list(leaves(new, name)):
        yield f"+ {name}: (nothing)"
