"""A text with its formatting, as Telegram takes it: entities over UTF-16 units.

Telegram refuses a message whose entities cross or leave the text, and trims the text it gets. So
whatever makes a Rich ends in `tidy`: trimmed, properly nested, nothing empty.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal

from core.domain.linkable import links, written_out
from core.domain.own_words import COMMAND

EntityType = Literal[
    "blockquote",
    "bold",
    "code",
    "expandable_blockquote",
    "italic",
    "pre",
    "strikethrough",
    "text_link",
    "underline",
]

_UNIT = 2
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            "expandable_blockquote",
            "blockquote",
            "pre",
            "text_link",
            "bold",
            "italic",
            "underline",
            "strikethrough",
            "code",
        )
    )
}
_SOLID = frozenset({"code", "pre"})
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})


@dataclass(frozen=True, slots=True)
class Entity:
    """Formatting of a part of a text; `offset` and `length` count UTF-16 units."""

    type: EntityType
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    @property
    def end(self) -> int:
        """The first unit behind it."""
        return self.offset + self.length

    def as_api(self) -> dict[str, object]:
        """Return it as the Bot API names it; what is not set is left out."""
        api: dict[str, object] = {"type": self.type, "offset": self.offset, "length": self.length}
        if self.url is not None:
            api["url"] = self.url
        if self.language is not None:
            api["language"] = self.language
        return api


@dataclass(frozen=True, slots=True)
class Rich:
    """A text and its entities, outer ones first."""

    text: str = ""
    entities: tuple[Entity, ...] = ()

    @property
    def units(self) -> int:
        """Its length as Telegram counts."""
        return units(self.text)

    def as_api(self) -> list[dict[str, object]]:
        """Return the entities as the Bot API takes them."""
        return [entity.as_api() for entity in self.entities]


def units(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text) + sum(char > "\uffff" for char in text)


def styled(
    part: Rich | str, kind: EntityType, *, url: str | None = None, language: str | None = None
) -> Rich:
    """Return a text with one entity over the whole of it."""
    rich = part if isinstance(part, Rich) else Rich(part)
    return Rich(rich.text, (Entity(kind, 0, rich.units, url, language), *rich.entities))


def join(parts: Iterable[Rich | str], between: str = "") -> Rich:
    """Return the parts one after the other, with their entities where they now stand."""
    texts: list[str] = []
    entities: list[Entity] = []
    at = 0
    for part in parts:
        rich = part if isinstance(part, Rich) else Rich(part)
        if texts and between:
            texts.append(between)
            at += units(between)
        entities += [replace(entity, offset=entity.offset + at) for entity in rich.entities]
        texts.append(rich.text)
        at += rich.units
    return Rich("".join(texts), tuple(entities))


def cut(rich: Rich, start: int, end: int) -> Rich:
    """Return the part between two offsets in UTF-16 units, tidied; entities end at the cuts."""
    raw = rich.text.encode("utf-16-le", "surrogatepass")[start * _UNIT : end * _UNIT]
    inside = [
        replace(
            it,
            offset=max(it.offset, start) - start,
            length=min(it.end, end) - max(it.offset, start),
        )
        for it in rich.entities
        if it.offset < end and it.end > start
    ]
    return tidy(Rich(raw.decode("utf-16-le", "surrogatepass"), tuple(inside)))


def tidy(rich: Rich) -> Rich:
    """Return the same trimmed, with entities that Telegram takes as they are.

    Nothing stands inside code, quotations are not nested, entities begin and end with something
    that is seen. Indentation at the beginning stays where code begins the text.
    """
    raw = rich.text.encode("utf-16-le", "surrogatepass")
    chars = [char for char in rich.text for _ in range(units(char))]
    entities = _without_double(_shrunk(rich.entities, chars))
    entities = _nested(_around_code(_within_quotes(entities)))
    entities = _shrunk(entities, chars)
    first = next((n for n, char in enumerate(chars) if not char.isspace()), len(chars))
    first = min([first, *(it.offset for it in entities)])
    last = next((n for n in range(len(chars), 0, -1) if not chars[n - 1].isspace()), first)
    text = raw[first * _UNIT : last * _UNIT].decode("utf-16-le", "surrogatepass")
    return Rich(text, tuple(replace(it, offset=it.offset - first) for it in entities))


def without_commands(rich: Rich) -> Rich:
    """Return the same with `/commands` as code: a tap on one in outside text would send it."""
    return _as_code(rich, [match.span() for match in COMMAND.finditer(rich.text)])


def without_links(
    rich: Rich, known: frozenset[str], stated: frozenset[tuple[int, int]] = frozenset()
) -> Rich:
    """Return the same with all that Telegram would link as code, but web addresses that are known.

    Commands stay commands where Equerry states them itself: at the spans `stated`.

    Bare domains, mentions, addresses of mail and schemes of other programs become links on every
    phone, without being marked as such. A quotation with such a thing in it becomes a block of
    code: code within a quotation is not taken by every server.
    """
    spans = _linked(rich.text, known, stated)
    at = [0, *accumulate(units(char) for char in rich.text)]
    wanted = [Entity("code", at[start], at[end] - at[start]) for start, end in spans]
    solid = [
        replace(it, type="pre") if it.type in _QUOTES and _touched(it, wanted) else it
        for it in rich.entities
    ]
    return _as_code(Rich(rich.text, tuple(solid)), spans)


def without_code(rich: Rich) -> str:
    """Return the text alone, with what only code kept from being a link written out in it."""
    code = sorted((it for it in rich.entities if it.type in _SOLID), key=_order)
    at = [0, *accumulate(units(char) for char in rich.text)]
    parts: list[str] = []
    last = 0
    for start, end in _linked(rich.text, frozenset()):
        if _touched(Entity("code", at[start], at[end] - at[start]), code):
            shown = written_out(rich.text[start:end])
            shown = COMMAND.sub(lambda match: f"/ {match[0][1:]}", shown)
            parts += (rich.text[last:start], shown)
            last = end
    return "".join([*parts, rich.text[last:]])


def _linked(
    text: str, known: frozenset[str], stated: frozenset[tuple[int, int]] = frozenset()
) -> list[tuple[int, int]]:
    """Return the spans, in order and apart from each other, that Telegram would link or obey.

    A known web address and a stated command are none of them, unless something reaches into them.
    """
    found = [(it.start, it.end, it.kind == "web" and it.shown in known) for it in links(text)]
    found += [(*match.span(), match.span() in stated) for match in COMMAND.finditer(text)]
    result: list[tuple[int, int, bool]] = []
    for start, end, right in sorted(found):
        if result and start < result[-1][1]:
            first, last, before = result[-1]
            result[-1] = first, max(last, end), right and before
        else:
            result.append((start, end, right))
    return [(start, end) for start, end, right in result if not right]


def _as_code(rich: Rich, spans: list[tuple[int, int]]) -> Rich:
    """Return the same with spans of characters as code, where they are in no code or link yet."""
    at = [0, *accumulate(units(char) for char in rich.text)]
    taken = sorted(
        (it for it in rich.entities if it.type in _SOLID or it.type == "text_link"), key=_order
    )
    wanted = [Entity("code", at[start], at[end] - at[start]) for start, end in spans]
    fresh = [part for it in wanted for part in _minus(it, taken)]
    return tidy(Rich(rich.text, (*rich.entities, *fresh))) if fresh else rich


def _touched(entity: Entity, others: list[Entity]) -> list[Entity]:
    """Return which of some entities, in order and apart from each other, share text with it."""
    first = bisect_right(others, entity.offset, key=lambda it: it.end)
    last = bisect_left(others, entity.end, key=lambda it: it.offset)
    return others[first:last]


def _shrunk(entities: Iterable[Entity], chars: list[str]) -> list[Entity]:
    """Return the entities without white space at their ends; blocks keep their indentation."""
    result = []
    for entity in entities:
        start, end = max(entity.offset, 0), min(entity.end, len(chars))
        while end > start and chars[end - 1].isspace():
            end -= 1
        block = entity.type == "pre" or entity.type in _QUOTES
        while start < end and (chars[start] == "\n" if block else chars[start].isspace()):
            start += 1
        if start < end:
            result.append(replace(entity, offset=start, length=end - start))
    return result


def _within_quotes(entities: list[Entity]) -> list[Entity]:
    """Return the entities with those cut that cross the edge of a quotation."""
    edges = sorted({at for it in entities if it.type in _QUOTES for at in (it.offset, it.end)})
    result = []
    for it in entities:
        inside = edges[bisect_right(edges, it.offset) : bisect_left(edges, it.end)]
        places = [it.offset, *([] if it.type in _QUOTES else inside), it.end]
        for start, end in pairwise(places):
            result.append(replace(it, offset=start, length=end - start))
    return result


def _around_code(entities: list[Entity]) -> list[Entity]:
    """Return the entities with nothing inside code, and styles and links only beside it."""
    kept: list[Entity] = []
    for it in sorted(entities, key=_order):
        if it.type in _SOLID and (not kept or it.offset >= kept[-1].end):
            kept.append(it)
    result = list(kept)
    for it in entities:
        if it.type in _QUOTES:
            result.append(it)
        elif it.type not in _SOLID:
            result += _minus(it, kept)
    return result


def _minus(entity: Entity, holes: list[Entity]) -> list[Entity]:
    parts, start = [], entity.offset
    for hole in _touched(entity, holes):
        parts.append(replace(entity, offset=start, length=hole.offset - start))
        start = max(start, hole.end)
    parts.append(replace(entity, offset=start, length=entity.end - start))
    return [part for part in parts if part.length > 0]


def _without_double(entities: list[Entity]) -> list[Entity]:
    """Return the entities without what stands inside one of its own kind."""
    result: list[Entity] = []
    ends: dict[str, int] = {}
    for it in sorted(entities, key=lambda it: (it.offset, -it.end)):
        kind = "blockquote" if it.type in _QUOTES else it.type
        if it.end > ends.get(kind, -1):
            start = max(it.offset, ends.get(kind, 0))
            result.append(replace(it, offset=start, length=it.end - start))
            ends[kind] = it.end
    return result


def _nested(entities: list[Entity]) -> list[Entity]:
    """Return the entities outer ones first, with those that cross an outer one's end cut there."""
    waiting = sorted(entities, key=_order)
    result: list[Entity] = []
    stack: list[Entity] = []
    while waiting:
        it = waiting.pop(0)
        while stack and stack[-1].end <= it.offset:
            stack.pop()
        if stack and it.end > stack[-1].end:
            inner = stack[-1].end - it.offset
            rest = replace(it, offset=stack[-1].end, length=it.length - inner)
            waiting = sorted([*waiting, rest], key=_order)
            it = replace(it, length=inner)
        result.append(it)
        stack.append(it)
    return result


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity.offset, -entity.end, _RANK[entity.type]
