"""Cards answered in words: `accept`, `reject: REASON`, `edit field="value"`, `always up to $5`.

A line is an answer only if it is, whole, one of these forms, each with or without the card's id.
In a reply to the card itself the words after `reject` are the reason and those after `edit` the new
text. Everything else is talk.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from core.domain.base import Frozen
from core.domain.cards import CardItem, Verdict
from core.domain.errors import BadInputError
from core.domain.whole_text import read_json
from core.gates.limits import UNLIMITED, Limits, read_limits

Verb = Literal["accept", "yes", "reject", "edit", "always"]

WORDS: Mapping[str, Mapping[Verb, tuple[str, ...]]] = {
    "en": {
        "accept": ("accept",),
        "yes": ("yes",),
        "reject": ("reject",),
        "edit": ("edit",),
        "always": ("always",),
    },
    "de": {
        "accept": ("annehmen", "akzeptieren"),
        "yes": ("ja",),
        "reject": ("ablehnen",),
        "edit": ("ändern", "bearbeiten"),
    },
    "fr": {
        "accept": ("accepter", "accepte"),
        "yes": ("oui",),
        "reject": ("refuser", "rejeter"),
        "edit": ("modifier",),
    },
    "es": {
        "accept": ("aceptar", "acepto"),
        "yes": ("sí", "si"),
        "reject": ("rechazar",),
        "edit": ("editar", "modificar"),
    },
    "it": {
        "accept": ("accettare", "accetto"),
        "yes": ("sì",),
        "reject": ("rifiutare", "rifiuto"),
        "edit": ("modificare", "modifica"),
    },
    "pt": {
        "accept": ("aceitar", "aceito"),
        "yes": ("sim",),
        "reject": ("rejeitar", "recusar"),
        "edit": ("editar", "alterar"),
    },
    "nl": {
        "accept": ("accepteren", "akkoord"),
        "yes": ("ja",),
        "reject": ("afwijzen", "weigeren"),
        "edit": ("wijzigen", "bewerken"),
    },
}
"""The words of each form by language. No word for "no": a no is too common an answer to talk."""

_VERBS: Mapping[str, Verb] = {
    word: verb for words in WORDS.values() for verb, forms in words.items() for word in forms
}
_END = ".!…。．！‼"
_MARKS = re.escape(_END)
_VERB = re.compile(rf"\s*¡?(?P<verb>[^\s:：,{_MARKS}]+)(?P<rest>.*)", re.DOTALL)
_CARD = re.compile(
    rf"[\s,]+(?P<card>C[A-Z2-7]{{8}})(?![^\s:：,{_MARKS}])(?P<rest>.*)", re.DOTALL | re.IGNORECASE
)
_NUMBERS = re.compile(r"\s+\d{1,3}(?:(?:\s*,\s*|\s+)\d{1,3})*")
_REASON = re.compile(r"\s*[:：]\s*(?P<reason>.*)", re.DOTALL)
_APART = re.compile(rf"[\s:：,{_MARKS}]+(?P<words>.*)", re.DOTALL)
"""What stands between a verb and free words behind it."""
_FIELD = re.compile(r"(?:(?P<item>\d{1,3})\.)?(?P<name>[A-Za-z_]\w*)=")
_QUOTES = {
    '"': '"',
    "'": "'",
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "‘": "’",
    "‚": "‘’",
    "「": "」",
}
"""Opening quotation marks, each with those that may close it."""


class Answer(Frozen):
    """An answer in words.

    `only` are the numbers of the items that are accepted where not all are. `text` is what stands
    behind `edit`: fields, or, where it is `free`, maybe the new text itself.

    `unsure` is one that is only meant where the card that it names is there; `soft` is a mere yes,
    which may answer something else that was said.
    """

    verdict: Verdict
    card: str | None = None
    only: tuple[int, ...] = ()
    always: bool = False
    limits: Limits = UNLIMITED
    reason: str | None = None
    text: str | None = None
    free: bool = False
    unsure: bool = False
    soft: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether it has no words of its own beside those of the form."""
        return not (self.reason or self.text)


class _Head(NamedTuple):
    """The verb of a line, the card named behind it, and what follows."""

    verb: Verb
    card: str | None
    rest: str


def read_answer(line: str) -> Answer | None:
    """Return the answer that a whole line is, None for talk.

    Raises BadInputError for an `always` whose limits cannot be read.
    """
    head = _head(line)
    return None if head is None else _strict(head)


def read_reply(line: str) -> Answer | None:
    """Return the answer that a reply to a card itself is, None for talk.

    Raises as `read_answer`.
    """
    head = _head(line)
    if head is None:
        return None
    behind = _APART.fullmatch(head.rest)
    words = behind["words"].strip() if behind else ""
    if head.verb == "reject" and words:
        return Answer(verdict="reject", card=head.card, reason=words)
    if head.verb == "edit" and words:
        return Answer(verdict="edit", card=head.card, text=words, free=True)
    return _strict(head)


def new_text(text: str) -> Answer:
    """Return a whole line that was asked for as the new text of a card."""
    return Answer(verdict="edit", text=text, free=True)


def _head(line: str) -> _Head | None:
    match = _VERB.fullmatch(line)
    word = unicodedata.normalize("NFC", match["verb"]).casefold() if match else ""
    verb = _VERBS.get(word)
    if match is None or verb is None:
        return None
    named = _CARD.fullmatch(match["rest"])
    if named is None or (_is_word(named["card"]) and named["rest"].strip(f"{_END} \t\n")):
        return _Head(verb, None, match["rest"])
    return _Head(verb, named["card"], named["rest"])


def _is_word(card: str) -> bool:
    """Whether nine letters are rather a word of a sentence (`customers`) than a card's id."""
    return card.isalpha() and not card.isupper()


def _strict(head: _Head) -> Answer | None:
    """Return the answer of a line that is nothing but one of the forms."""
    card = head.card.upper() if head.card else None
    unsure = head.card is not None and _is_word(head.card)
    rest = head.rest.rstrip().rstrip(_END).rstrip()
    if head.verb == "always":
        limits = read_limits(rest)
        found = None if limits is None else Answer(verdict="accept", always=True, limits=limits)
    elif head.verb == "reject":
        found = _reject(head, rest)
    elif head.verb == "edit":
        found = _edit(head.rest, rest)
    else:
        found = _accept(head.verb, rest)
    if found is None:
        return None
    return found.model_copy(update={"card": card, "unsure": found.unsure or unsure})


def _accept(verb: Verb, rest: str) -> Answer | None:
    if not rest:
        return Answer(verdict="accept", soft=verb == "yes")
    if verb == "yes" or not _NUMBERS.fullmatch(rest):
        return None
    numbers = sorted({int(number) for number in re.findall(r"\d+", rest)})
    return Answer(verdict="accept", only=tuple(numbers))


def _reject(head: _Head, rest: str) -> Answer | None:
    if not rest:
        return Answer(verdict="reject")
    if reason := _REASON.fullmatch(head.rest):
        return Answer(verdict="reject", reason=reason["reason"].strip() or None)
    if head.card is None:
        return None
    return Answer(verdict="reject", reason=head.rest.strip(" \t\n,"), unsure=True)


def _edit(written: str, rest: str) -> Answer | None:
    if not rest:
        return Answer(verdict="edit")
    is_field = written[:1].isspace() and _FIELD.match(written.strip())
    return Answer(verdict="edit", text=written.strip()) if is_field else None


class Field(NamedTuple):
    """A field as it was typed: its name, the number of its item if any, and its raw value."""

    item: int | None
    name: str
    value: str
    quoted: bool


def parse_fields(text: str, items: Sequence[CardItem]) -> tuple[Field, ...]:
    """Return the fields of `field=value field="value" …`; none for a text that begins otherwise.

    Only fields of these items end a value: any other `word=` is text. A quoted value ends at the
    first closing mark before such a field or the end. Raises BadInputError for a text that can be
    read in two ways, such as one whose closing mark is missing.
    """
    text = text.strip()
    names = {name for item in items for name in item.editable}
    known = "|".join(sorted(map(re.escape, names), key=len, reverse=True)) or "(?!)"
    after = re.compile(rf"\s+(?=(?:\d{{1,3}}\.)?(?:{known})=)", re.IGNORECASE)
    found: list[Field] = []
    at = 0
    while head := _FIELD.match(text, at):
        value, at, quote = _value(text, head.end(), after, head["name"])
        item = int(head["item"]) if head["item"] else None
        _check_sure(found, Field(item, head["name"], value, bool(quote)), text)
        found.append(Field(item, head["name"], value, bool(quote)))
    return tuple(found)


def _value(text: str, start: int, after: re.Pattern[str], name: str) -> tuple[str, int, str]:
    """Return the value at `start`, where the next field begins, and its closing mark, if any."""
    closing = _QUOTES.get(text[start : start + 1])
    if closing is None:
        end = after.search(text, start)
        if end is None:
            return text[start:], len(text), ""
        return text[start : end.start()], end.end(), ""
    for at, char in enumerate(text[start + 1 :], start + 1):
        if char not in closing:
            continue
        if at + 1 == len(text):
            return text[start + 1 : at], len(text), char
        behind = at + 1 + (text[at + 1] in ",;")
        if end := after.match(text, behind):
            return text[start + 1 : at], end.end(), char
    message = (
        f"The value of {name} begins with {text[start]} and does not end with {closing[0]}: "
        f'put all of it between quotation marks, as in {name}="…", or none around it.'
    )
    raise BadInputError(message)


def _check_sure(found: Sequence[Field], new: Field, text: str) -> None:
    """Raise BadInputError where a value may have been meant to hold what was read as a field."""
    twice = any((one.item, one.name.casefold()) == (new.item, new.name.casefold()) for one in found)
    open_end = any(one.quoted for one in found) and not new.quoted and text[-1:] in "\"'”“’»«」"
    if twice or (open_end and text.endswith(new.value) and new.value):
        message = (
            f"I cannot tell where a value ends at {new.name}=: "
            "edit one field at a time, or use other quotation marks around it."
        )
        raise BadInputError(message)


def edits_of(answer: Answer, items: Sequence[CardItem]) -> dict[str, dict[str, Any]]:
    """Return the new arguments by marker. Raises BadInputError for what names no item or field."""
    if not any(item.editable for item in items):
        message = "This card cannot be edited: accept or reject it."
        raise BadInputError(message)
    text = answer.text or ""
    edits: dict[str, dict[str, Any]] = {}
    for field in parse_fields(text, items):
        item = _item(field, items)
        name = next((n for n in item.editable if n.casefold() == field.name.casefold()), field.name)
        old = item.args.fields.get(name)
        value = field.value if field.quoted and old is None else typed(field.value, old)
        edits.setdefault(item.marker, {})[name] = value
    if edits or not answer.free:
        return edits
    if len(items) != 1:
        message = f"Say which one: {', '.join(f'{name}=…' for name in fields_of(items))}"
        raise BadInputError(message)
    return {items[0].marker: {content_field(items[0]): text}}


def _item(field: Field, items: Sequence[CardItem]) -> CardItem:
    """Return the item that a field is of; one without a number is of the only one that has it."""
    if field.item is not None:
        (marker,) = markers_of((field.item,), items)
        return next(item for item in items if item.marker == marker)
    having = list(_having(field.name, items))
    if len(items) > 1 and len(having) != 1:
        message = f"Say which one: {', '.join(f'{name}=…' for name in fields_of(items))}"
        raise BadInputError(message)
    return having[0] if having else items[0]


def _having(name: str, items: Sequence[CardItem]) -> Iterator[CardItem]:
    wanted = name.casefold()
    return (item for item in items if wanted in {one.casefold() for one in item.editable})


def markers_of(numbers: Sequence[int], items: Sequence[CardItem]) -> tuple[str, ...]:
    """Return the markers of items by their numbers, from 1. Raises BadInputError for one beyond."""
    for number in numbers:
        if not 1 <= number <= len(items):
            message = f"The card has {len(items)} item(s), so {number} names none of them."
            raise BadInputError(message)
    return tuple(items[number - 1].marker for number in numbers)


def fields_of(items: Sequence[CardItem]) -> list[str]:
    """Return what can be edited, with the item's number where there are several."""
    several = len(items) > 1
    return [
        f"{number}.{name}" if several else name
        for number, item in enumerate(items, 1)
        for name in item.editable
    ]


def content_field(item: CardItem) -> str:
    """Return the argument that a bare new text replaces: body, text, or else title."""
    for name in ("body", "text", "title"):
        if name in item.editable:
            return name
    message = "Say what to change: edit field=value."
    raise BadInputError(message)


def typed(raw: str, old: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value typed by hand in the type of the one it replaces; in place of none, a text."""
    if old is None and raw != "null" and raw[:1] not in {"[", "{"}:
        return raw
    kind: Literal["list", "text", "json"] = (
        "list" if isinstance(old, list) else "text" if isinstance(old, str) else "json"
    )
    if kind == "text":
        return raw
    if kind == "list" and not raw.startswith("["):
        return [part.strip() for part in raw.split(",") if part.strip()]
    try:
        return read_json(raw)
    except BadInputError:
        return raw
