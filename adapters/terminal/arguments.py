"""The arguments of a card as YAML that people edit, and back."""

import re
from collections.abc import Mapping
from typing import Any

import yaml
from yaml.nodes import ScalarNode

from adapters.chat.safe_text import safe_line, safe_text
from core.domain.cards import CardItem
from core.domain.errors import BadInputError
from core.ports.chat_surface import CardView

_WIDTH = 100


class _Writer(yaml.SafeDumper):
    """Writes text of several lines as a block, and equal values out each time."""

    def ignore_aliases(self, data: object) -> bool:
        """Return that nothing is written as a reference to something above."""
        return True


class _Reader(yaml.SafeLoader):
    """Reads JSON values only: a date stays the text it was, and so do `yes` and `0x1F`."""


def _write_text(writer: yaml.SafeDumper, text: str) -> ScalarNode:
    style = "|" if "\n" in text else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _write_text)
# What is no text: JSON's own words and numbers. YAML 1.1 would read 09:30 as 570 and `no` as false.
_RESOLVERS = {
    "null": (r"(?:~|null|)$", ["~", "n", ""]),
    "bool": (r"(?:true|false)$", ["t", "f"]),
    "int": (r"-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    "float": (r"-?[0-9]+(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$", list("-0123456789")),
}
for _class in (_Writer, _Reader):
    _class.yaml_implicit_resolvers = {}
    for _name, (_pattern, _first) in _RESOLVERS.items():
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_pattern), _first)


def to_yaml(view: CardView) -> str:
    """Return the arguments of a card's items; several items under their numbers and titles."""
    if len(view.items) == 1:
        return _dump(_editable(view.items[0]))
    return "\n".join(
        f"# {safe_line(item.title.text, _WIDTH)}\n{_dump({number: _editable(item)})}"
        for number, item in enumerate(view.items, 1)
    )


def from_yaml(view: CardView, text: str) -> dict[str, dict[str, Any]]:
    """Return the full new arguments by marker, of the items that changed only.

    Raises BadInputError, naming the line, when the text is no YAML or has not the form it had.
    """
    value = _load(text)
    several = len(view.items) > 1
    edits: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(view.items, 1):
        new = value.get(number, value.get(str(number))) if several else value
        if not isinstance(new, Mapping):
            raise BadInputError(f"The arguments of item {number} are missing.")
        if new != _editable(item):
            edits[item.marker] = {**_fixed(item), **new}
    return edits


def _editable(item: CardItem) -> dict[str, Any]:
    args = item.args.fields
    return {
        name: value for name, value in args.items() if not item.editable or name in item.editable
    }


def _fixed(item: CardItem) -> dict[str, Any]:
    args = item.args.fields
    return {
        name: value for name, value in args.items() if item.editable and name not in item.editable
    }


def _dump(value: object) -> str:
    """Write YAML; where text hides something every unusual character is written as its number."""
    text = _written(value, plainly=True)
    return text if safe_text(text) == text else _written(value, plainly=False)


def _written(value: object, *, plainly: bool) -> str:
    text: str = yaml.dump(
        value, Dumper=_Writer, sort_keys=False, allow_unicode=plainly, width=_WIDTH
    )
    return text


def _load(text: str) -> Mapping[Any, Any]:
    try:
        value = yaml.load(text, Loader=_Reader)  # noqa: S506 - a SafeLoader that reads even less
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"Line {mark.line + 1}" if mark else "The text"
        raise BadInputError(
            f"{where} does not fit: write `field: value`, longer text indented under its field."
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInputError("The text holds characters that YAML does not allow.") from error
    if not isinstance(value, Mapping):
        raise BadInputError("Write one `field: value` a line.")
    return value
