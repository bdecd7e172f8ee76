"""Web addresses in text: what stands there literally may be read, what was composed may not.

An address that a model composed can carry what it knows to whoever asked for it in a page.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

LEFT_OUT = "[address left out: it stands in no source]"
_ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]“”‘’«»]+", re.IGNORECASE)
_TAIL = ".,;:!?…*_"


def leaves(value: object) -> Iterator[str]:
    """Yield the strings inside a JSON value; keys are not among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)


def addresses(value: object) -> frozenset[str]:
    """Return the web addresses that stand literally in a JSON value."""
    return frozenset(_trimmed(m[0]) for text in leaves(value) for m in _ADDRESS.finditer(text))


def without_composed(value: Any, known: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value with every address taken out that is not among the `known`."""
    if isinstance(value, str):
        return _ADDRESS.sub(lambda match: _kept(match[0], known), value)
    if isinstance(value, Mapping):
        return {key: without_composed(item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_composed(item, known) for item in value]
    return value


def _kept(found: str, known: frozenset[str]) -> str:
    address = _trimmed(found)
    return found if address in known else LEFT_OUT + found[len(address) :]


def _trimmed(found: str) -> str:
    """Return an address without the punctuation of the sentence it stands in."""
    while found and (
        found[-1] in _TAIL or (found[-1] == ")" and found.count(")") > found.count("("))
    ):
        found = found[:-1]
    return found
