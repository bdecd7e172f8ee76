"""Load the configuration: the file, the environment over it, and every mistake at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config import problems
from bot.config.config import Config
from bot.config.environment import overlay
from bot.config.errors import ConfigError
from bot.config.values import Origin, sentence

DEFAULT_FILE = "config.yaml"
FILE_VARIABLE = "EQUERRY_CONFIG"


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Return the configuration of `path`; None means ./config.yaml if it is there, else defaults.

    `EQUERRY_CONFIG` names another file where `path` is None. Variables override the file.
    Raises ConfigError with all mistakes.
    """
    if path is None and environ.get(FILE_VARIABLE):
        path = Path(environ[FILE_VARIABLE])
    if path is None and Path(DEFAULT_FILE).exists():
        path = Path(DEFAULT_FILE)
    raw = {} if path is None else _file(path)
    over = overlay(raw, environ)
    folder = Path.cwd() if path is None else path.absolute().parent
    origin = Origin(folder, lambda text: _secret(text, folder, environ))
    config, found = _validated(raw, origin, over.origins)
    if config is None or found or over.problems:
        where = "the environment" if path is None else str(path)
        raise ConfigError(where, [*found, *over.problems])
    return config


def _file(path: Path) -> dict[str, Any]:
    from bot.config.read import read_yaml  # without a file, YAML need not be imported

    return read_yaml(path)


def _validated(
    raw: dict[str, Any], origin: Origin, origins: Mapping[tuple[str, ...], str]
) -> tuple[Config | None, list[str]]:
    """Validate again without what was wrong, until checks of several keys were reached as well."""
    found: dict[problems.Path, str] = {}
    while True:
        try:
            return Config.model_validate(raw, context=origin), list(found.values())
        except ValidationError as error:
            fresh = {
                place: line
                for detail in error.errors(include_url=False)
                for place, line in problems.lines(detail, origins)
                if not any(_related(place, known) for known in found)
            }
        if not fresh:
            return None, list(found.values())
        found.update(fresh)
        for place in fresh:
            _prune(raw, place)


def _related(one: problems.Path, other: problems.Path) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _prune(raw: dict[str, Any], path: problems.Path) -> None:
    """Take a refused value out; of a list the whole."""
    target: Any = raw
    steps = path[: next((i for i, step in enumerate(path) if isinstance(step, int)), len(path))]
    for step in steps[:-1]:
        target = target.get(step) if isinstance(target, dict) else None
    if steps and isinstance(target, dict):
        target.pop(steps[-1], None)


def _secret(text: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Return the secret that `text` is or points to (`env:NAME`, `file:PATH`)."""
    kind, _, rest = text.partition(":")
    if kind == "env":
        if not environ.get(rest, "").strip():
            raise sentence(f"the environment variable {rest!r} is not set or empty; set it")
        return environ[rest].strip()
    if kind == "file":
        return _secret_file(folder / Path(rest).expanduser())
    return text


def _secret_file(path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise sentence(f"the file {str(path)!r} cannot be read ({reason})") from None
    if not value:
        raise sentence(f"the file {str(path)!r} is empty; write the secret into it")
    return value
