"""Text as Telegram takes it: UTF-16 units, trimmed, with entities checked and found."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tests.servers.telegram.errors import bad
from tests.servers.telegram.html import parse_html
from tests.servers.telegram.markdown import parse_markdown
from tests.servers.telegram.units import ParseError, cut, units

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
MAX_BYTES = 1 << 15
MAX_ENTITIES = 100
FAR = 1_000_000

Entity = dict[str, Any]

# What a bot may send; what is found in the text by Telegram itself may be sent and is ignored.
FORMATS = frozenset(
    {
        *("bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"),
        *("expandable_blockquote", "code", "pre", "text_link", "text_mention", "custom_emoji"),
        "date_time",
    }
)
FOUND = frozenset(
    {
        *("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"),
        "bank_card_number",
    }
)
NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
CODES = frozenset({"code", "pre"})
AUTOMATIC = (
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z]\w{2,31}\b")),
    ("url", re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")),
)


def formatted(
    text: str, parse_mode: str, given: object, *, may_be_empty: bool = False
) -> tuple[str, list[Entity]]:
    """Return the text and entities that Telegram would keep; raises what it would answer."""
    _check_encoding(text)
    mode = parse_mode.lower()
    if text and mode not in {"", "none"}:
        text, entities = _parsed(text, mode)
    else:
        entities = _entities(given)
        check_places(text, entities)
        check_nesting(entities)
    text, entities = _cleaned(text, entities)
    if not text and not may_be_empty:
        raise bad("text must be non-empty")
    entities += [found for found in automatic(text) if not _hidden(found, entities)]
    return text, sorted(entities, key=lambda one: (one["offset"], -one["length"]))


def automatic(text: str) -> Iterator[Entity]:
    """Yield the commands, mentions and links that Telegram finds in a text."""
    for kind, pattern in AUTOMATIC:
        for match in pattern.finditer(text):
            length = units(match.group())
            yield {"type": kind, "offset": units(text[: match.start()]), "length": length}


def _check_encoding(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    if size > MAX_BYTES:
        raise bad("text is too long")


def _parsed(text: str, mode: str) -> tuple[str, list[Entity]]:
    parsers = {"html": parse_html, "markdownv2": parse_markdown}
    if mode not in parsers:
        raise bad("unsupported parse_mode")
    try:
        return parsers[mode](text)
    except ParseError as error:
        raise bad(f"can't parse entities: {error}") from None


def _entities(given: object) -> list[Entity]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad("can't parse entities: expected an Array of MessageEntity")
    made = [_entity(one) for one in given[:MAX_ENTITIES]]
    kept = [one for one in made if one["type"] in FORMATS and one["length"]]
    return sorted(kept, key=lambda one: (one["offset"], -one["length"]))


def _entity(raw: object) -> Entity:
    if not isinstance(raw, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    kind = raw.get("type")
    for name in ("offset", "length", "type", *([NEEDS[kind]] if kind in NEEDS else ())):
        if name not in raw:
            raise bad(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if kind not in FORMATS | FOUND:
        raise bad("can't parse MessageEntity: Unsupported type specified")
    for name in ("offset", "length"):
        value = raw[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise bad(f'can\'t parse MessageEntity: Field "{name}" must be of type Number')
        if not 0 <= value <= FAR:
            raise bad(f"receive an entity with incorrect {name} {value}")
    return dict(raw)


def check_places(text: str, entities: Sequence[Entity]) -> None:
    """Refuse entities outside the text and those that cut a character in two."""
    total = units(text)
    for one in entities:
        start, end = one["offset"], one["offset"] + one["length"]
        if start > total:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {start}")
        begins = f"entity beginning at UTF-16 offset {start}"
        if end > total:
            raise bad(f"{begins} ends after the end of the text at UTF-16 offset {end}")
        for place, what in ((start, "entity begins"), (end, f"{begins} ends")):
            if (at := _inside(text, place)) is not None:
                raise bad(f"{what} in a middle of a UTF-16 symbol at byte offset {at}")


def _inside(text: str, offset: int) -> int | None:
    """Return the byte after the character that the offset would cut, if it would."""
    passed = size = 0
    for character in text:
        if passed >= offset:
            break
        passed += units(character)
        size += len(character.encode())
    return size if passed > offset else None


def check_nesting(entities: Sequence[Entity]) -> None:
    """Refuse what the documentation forbids; Telegram would drop or split it without a word."""
    for index, one in enumerate(entities):
        end = one["offset"] + one["length"]
        for other in entities[index + 1 :]:
            if other["offset"] >= end:
                continue
            kinds = {one["type"], other["type"]}
            crossing = other["offset"] + other["length"] > end
            quotes = kinds <= QUOTES
            if crossing or quotes or kinds & CODES:
                raise bad(
                    f"can't parse entities: {one['type']} at UTF-16 offset {one['offset']} and "
                    f"{other['type']} at UTF-16 offset {other['offset']} can't be nested"
                )


def _cleaned(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Take out what Telegram takes out, move the entities with the text, drop the empty ones."""
    places: list[int] = []  # where each UTF-16 unit of the old text is in the new one
    kept: list[str] = []
    at = 0
    for character in text:
        places += [at] * units(character)
        if character != "\r":
            kept.append(" " if character < " " and character != "\n" else character)
            at += units(character)
    whole = "".join(kept)
    places.append(at)
    trimmed = whole.strip(" \n")
    first = units(whole[: len(whole) - len(whole.lstrip(" \n"))])
    last = units(trimmed)
    moved = []
    for one in entities:
        start = min(max(places[one["offset"]] - first, 0), last)
        end = min(max(places[one["offset"] + one["length"]] - first, 0), last)
        if cut(trimmed, start, end - start).strip():
            moved.append({**one, "offset": start, "length": end - start})
    return trimmed, moved


def _hidden(found: Entity, entities: Sequence[Entity]) -> bool:
    """Tell whether a link or code covers what was found."""
    covering = CODES | {"text_link", "text_mention"}
    start, end = found["offset"], found["offset"] + found["length"]
    return any(
        one["type"] in covering and one["offset"] < end and start < one["offset"] + one["length"]
        for one in entities
    )
