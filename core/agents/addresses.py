"""Web addresses in text: what stands there literally may be read, what was composed may not.

An address that a model composed can carry what it knows to whoever asked for it in a page.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.domain.linkable import EXPLICIT, RUN, Link, links, trimmed, written_out

LEFT_OUT = "[address left out: it stands in no source]"
_WEB = ("https", "http")
_ADDRESS = re.compile(rf"https?://{RUN}+", re.IGNORECASE)
_RUN = re.compile(rf"{RUN}+")


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
    return frozenset(trimmed(m[0]) for text in leaves(value) for m in _ADDRESS.finditer(text))


def without_composed(value: Any, known: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value with no working address in it that is not among the `known`.

    A composed web address is taken out; whatever else a client would make a link to a place of
    (`www.`, `//host`, `tg://`, a domain with a path) is written out as text. A domain may stand
    without its scheme where a known address has it.
    """
    if isinstance(value, str):
        return _without(value, known)
    if isinstance(value, Mapping):
        return {
            without_composed(key, known): without_composed(item, known)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_composed(item, known) for item in value]
    return value


def _without(text: str, known: frozenset[str]) -> str:
    """Return a text with nothing left in it to be written out, also not behind what was."""
    while (written := _written_once(text, known)) != text:
        text = written
    return text


def _written_once(text: str, known: frozenset[str]) -> str:
    parts: list[str] = []
    at = 0
    for link in links(text):
        if link.kind in EXPLICIT:
            parts += (text[at : link.start], _written(link, text, known))
            at = link.end
    return "".join([*parts, text[at:]]) if parts else text


def _written(link: Link, text: str, known: frozenset[str]) -> str:
    """Return what stands in place of a link; a known one ends where more is glued to it.

    What nobody sees counts as more: it would carry something to the place, a bit a character.
    """
    if _is_known(link, text[link.start : link.end], known):
        behind = _RUN.match(text, link.end)
        unseen = behind is not None and trimmed(link.shown + behind[0]) != link.shown
        return f"{link.shown} " if link.glued or unseen else link.shown
    return LEFT_OUT if link.kind == "web" else written_out(link.shown)


def _is_known(link: Link, raw: str, known: frozenset[str]) -> bool:
    if link.kind == "place":
        bare = link.shown.removeprefix("//")
        return any(f"{scheme}://{bare}{end}" in known for scheme in _WEB for end in ("", "/"))
    return link.kind == "web" and (raw in known or link.shown in known)
