"""Read a YAML file strictly: each key once, and a value means what it looks like."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from bot.config.errors import ConfigError

LARGEST = 1_000_000
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Base):  # type: ignore[misc] # the C parser, where there is one
    """YAML without its traps: no date, no octal, no `18:30` that is a number, no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as in the base
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            name = (key.tag, str(key.value))
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is there twice", key.start_mark
                )
            seen.add(name)
        made: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return made


_DROPPED = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
_StrictLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in _DROPPED]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]{1,64}$"), list("-+0123456789")
)
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
_StrictLoader.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node))
)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in the file; an empty file is an empty mapping.

    Raises ConfigError with one sentence.
    """
    text = _read(path)
    try:
        value = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - derived from the safe loader
    except yaml.MarkedYAMLError as error:
        raise ConfigError(str(path), [_place(error)]) from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(str(path), [f"this is not YAML: {reason}."]) from None
    except (RecursionError, ValueError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(str(path), [f"this cannot be read: {reason}."]) from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        line = f"the file holds {kind}; it must hold a mapping, such as `data_dir: ./data`."
        raise ConfigError(str(path), [line])
    return value


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    reason = error.problem or error.context or "it does not parse"
    return f"this is not YAML{place}: {reason}."


def _read(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "no regular file"
            raise ConfigError(str(path), [f"this is {kind}; name a YAML file."])
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        line = "there is no such file; write one (see config.example.yaml) or leave out --config."
        raise ConfigError(str(path), [line]) from None
    except PermissionError:
        line = "the file cannot be read: you have no right to; check its owner and mode."
        raise ConfigError(str(path), [line]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(str(path), [f"the file cannot be read: {reason}."]) from None
    if len(raw) > LARGEST:
        raise ConfigError(str(path), [f"the file is larger than {LARGEST:,} bytes."])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = f"the file is not UTF-8 text (byte {error.start}); save it as UTF-8."
        raise ConfigError(str(path), [line]) from None
