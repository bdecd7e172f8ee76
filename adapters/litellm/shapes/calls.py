"""Tool calls put together from their pieces, whichever way a server cuts and numbers them.

By OpenAI's protocol the name comes once and each call has an index of its own. Others repeat the
name in each piece, or cut it; give all calls the index 0; send a new id with every piece; or send
all arguments again at the end.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.litellm.shapes.thoughts import without_thoughts
from core.ports.model import ToolCall

_NAMESPACE: Final = re.compile(r"^(?:functions?|tools?|default_api|multi_tool_use)[.:/]")
_AFTER_NAME: Final = re.compile(r"(?:[^\w.-]|:\d+$).*", re.DOTALL)
_FENCE: Final = re.compile(r"^\s*(?:```)?(?:json)?\s*(?=[{\[\"])|\s*```\s*$")
_TOKENS: Final = re.compile(r"(?:\s|```|<[|｜][^>]*[|｜]>|</?\w+>)*")


@dataclass(slots=True)
class _Call:
    """A call in pieces."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether its arguments are complete."""
        return _object("".join(self.arguments)) is not None


class CallPieces:
    """The calls of one answer as they come together."""

    def __init__(self, names: frozenset[str]) -> None:
        """Take the names of the tools that were offered."""
        self._names = names
        self._calls: list[_Call] = []
        self._open: dict[int, _Call] = {}

    def __bool__(self) -> bool:
        """Return whether any call has begun."""
        return bool(self._calls)

    def is_new(self, key: int, call_id: str, name: str, arguments: str) -> bool:
        """Return whether a piece begins a call of its own, also under an index that is taken."""
        call = self._open.get(key)
        if call is None:
            return True
        if not name or not call.name:
            return False
        if name != call.name and {name, call.name} <= self._names:
            return True
        again = arguments == "".join(call.arguments) and (not call_id or call_id == call.id)
        return bool(arguments.strip()) and not again and call.whole

    def take(self, key: int, call_id: str, name: str, arguments: str) -> None:
        """Add a piece; `key` is its index, or its place among those that came with it."""
        if self.is_new(key, call_id, name, arguments):
            self._open[key] = _Call()
            self._calls.append(self._open[key])
        call = self._open[key]
        repeats = bool(name) and bool(call.name) and call.whole
        call.id = call.id or call_id
        call.name = self._joined(call.name, name)
        if arguments and not (repeats and arguments == "".join(call.arguments)):
            call.arguments.append(arguments)

    def calls(self) -> tuple[ToolCall, ...]:
        """Return the calls in the order in which they began."""
        found: list[ToolCall] = []
        for number, call in enumerate(self._calls):
            name = known_name(call.name, self._names)
            for place, arguments in enumerate(settled(call.arguments)):
                mark = call.id or f"call-{number}"
                mark = mark if not place else f"{mark}-{place}"
                found.append(ToolCall(id=mark, name=name, arguments=arguments))
        return tuple(found)

    def _joined(self, name: str, piece: str) -> str:
        """Return a name with a further piece of it: the same again, all of it, or the next part."""
        if not piece or name == piece or name in self._names:
            return name or piece
        if piece.startswith(name) or piece in self._names:
            return piece
        return name + piece


def known_name(name: str, names: frozenset[str]) -> str:
    """Return the offered tool that a name means, without what a template left on it; or the name.

    `functions.note:0`, `note</arg_value>`, `notenote` and `Note` mean `note` where there is one.
    """
    if name in names or not name:
        return name
    bare = _AFTER_NAME.sub("", _NAMESPACE.sub("", name.strip()))
    half = bare[: len(bare) // 2]
    forms = [bare, half] if half * 2 == bare else [bare]
    by_case = {one.casefold(): one for one in names}
    meant = (by_case[form.casefold()] for form in forms if form.casefold() in by_case)
    return next(meant, bare if _NAMESPACE.match(name.strip()) else name)


def settled(pieces: list[str]) -> list[str]:
    """Return the arguments of one call, or of several that came as one; what is no JSON stays.

    Sent twice, cumulated piece by piece, after an empty `{}`, in a fence, as a JSON text in a JSON
    text, or as Python writes it: each of these means one thing.
    """
    raw = "".join(pieces)
    if _object(raw) is not None:
        return [without_thoughts(raw)]
    if len(pieces) > 1 and all(pieces[-1].startswith(piece) for piece in pieces):
        raw = pieces[-1]
    bare = _FENCE.sub("", raw)
    found = list(_objects(bare))
    full = [one for one in found if one] or found[:1]
    unlike = [one for number, one in enumerate(full) if one not in full[:number]]
    if unlike:
        return [without_thoughts(_dumped(one)) for one in unlike]
    return [raw]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the objects that a text consists of; nothing where there is anything else in it."""
    whole = _unwrapped(text)
    if whole is not None:
        yield whole
        return
    decoder, at, found = json.JSONDecoder(strict=False), 0, []
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if not isinstance(value, dict):
            return
        found.append(value)
        tokens = _TOKENS.match(text, at)
        at = tokens.end() if tokens else at
    yield from found


def _unwrapped(text: str) -> dict[str, Any] | None:
    """Return the object in a JSON text of it, or in Python's notation."""
    if text.startswith('"'):
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return _object(inner) if isinstance(inner, str) else None
    if not text.startswith("{"):
        return None
    try:
        value = ast.literal_eval(text.strip())
        _dumped(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
