"""The arguments of an operation as lines that hide nothing: one value a line, whole.

What decides where something goes is approved by reading it. So a value is never shortened, white
space in it is visible, and of a mail address the address comes first: its display name is chosen
by whoever wrote it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.domain.canonical import canonical
from core.domain.quoting import quoted

_MAILBOX = re.compile(r'\s*"?(?P<name>[^"<>]*?)"?\s*<(?P<address>[^<>\s]+@[^<>\s]+)>\s*')
_SPACE = re.compile("[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_GAP = re.compile(" {3,}")
_KEY = re.compile(r"[\w-]+")


def argument_lines(args: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    """Return `name: value` for every value in the arguments `names`; what is empty says nothing."""
    return tuple(
        f"{path}: {shown(leaf)}" for name in names for path, leaf in leaves(args.get(name), name)
    )


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """Return each single value inside a JSON value, with the way to it: `json.amount`."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _inner(item, f"{name}.{_key(str(key))}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _inner(item, name)
    elif value is not None:
        yield name, value


def _inner(value: Any, name: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """Return the values inside one that stands in another: there nothing and null are values."""
    if isinstance(value, Mapping | list | tuple) and value:
        yield from leaves(value, name)
    else:
        yield name, value


def shown(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return one value whole and on one line; of a mail address its real address first."""
    if not isinstance(value, str):
        return canonical(value)
    mailbox = _MAILBOX.fullmatch(value)
    if mailbox is None:
        return exact(value)
    name = f" ({quoted(exact(mailbox['name']))})" if mailbox["name"] else ""
    return exact(mailbox["address"]) + name


def address(text: str) -> str:
    """Return the real address of `Name <address>`, any other text as it is."""
    mailbox = _MAILBOX.fullmatch(text)
    return mailbox["address"] if mailbox else text


def exact(text: str) -> str:
    """Return a text on one line, with the white space in it that a screen would swallow."""
    line = text.replace("\n", "␊").replace("\t", "␉").replace("\r", "␍")
    line = _SPACE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", line)
    line = _GAP.sub(lambda found: f"‹{len(found[0]):,} spaces›", line)
    return line if line and line == line.strip() and "  " not in line else f"“{line}”"


def _key(key: str) -> str:
    return key if _KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
