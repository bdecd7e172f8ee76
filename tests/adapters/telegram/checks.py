"""What Telegram holds the entities of a message to."""

from itertools import combinations

from adapters.telegram.rich import Entity, Rich

_SOLID = {"code", "pre"}
_QUOTES = {"blockquote", "expandable_blockquote"}


def assert_valid(rich: Rich) -> None:
    """Assert that a message is trimmed and its entities are as the Bot API documents them."""
    raw = rich.text.encode("utf-16-le")
    if not rich.entities or rich.entities[0].offset > 0:
        assert rich.text == rich.text.lstrip()
    assert rich.text == rich.text.rstrip()
    for entity in rich.entities:
        _assert_inside(entity, raw)
    for one, other in combinations(rich.entities, 2):
        _assert_nested(one, other)


def _assert_inside(entity: Entity, raw: bytes) -> None:
    assert entity.offset >= 0
    assert entity.length > 0
    assert entity.end <= len(raw) // 2
    text = raw[entity.offset * 2 : entity.end * 2].decode("utf-16-le")
    assert text.strip()
    assert text == text.rstrip()
    if entity.type != "pre" and entity.type not in _QUOTES:
        assert text == text.lstrip()


def _assert_nested(one: Entity, other: Entity) -> None:
    apart = one.end <= other.offset or other.end <= one.offset
    outer = one.offset <= other.offset and other.end <= one.end
    assert apart or outer
    if apart:
        return
    assert one.type not in _SOLID
    assert one.type != other.type
    assert other.type not in _QUOTES
    if other.type in _SOLID:
        assert one.type in _QUOTES
