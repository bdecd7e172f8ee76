"""Collect every secret there is, for the redactor, and keep them out of log files."""

import logging
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from bot.config import Config
from core.domain.redaction import Redactor

_WELL_KNOWN = re.compile(
    r"(?:.+_)?(?:API_?KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|TOKEN|SECRET|PASS(?:WORD|WD|PHRASE)?"
    r"|PAT|CREDENTIALS?)|PGPASSWORD",
    re.IGNORECASE,
)
_LIKELY = re.compile(r".+_KEY", re.IGNORECASE)
SHORTEST_VARIABLE, SHORTEST_LIKELY = 8, 16
"""Values of variables nobody named to us count from this length: `X_TOKEN=yes` is no secret, and
under a name that may mean anything (`SORT_KEY`) a value must look like a key, too."""


def collect_secrets(config: Config, environ: Mapping[str, str]) -> frozenset[str]:
    """Return the secrets of the configuration and of variables such as `OPENAI_API_KEY`."""
    found = set(_within(config))
    for name, value in environ.items():
        found.update(_variable(name, value.strip()))
    return frozenset(found)


def _variable(name: str, value: str) -> Iterator[str]:
    """Yield what is secret in a variable; the password of an address whatever it is called."""
    known = _WELL_KNOWN.fullmatch(name) and len(value) >= SHORTEST_VARIABLE
    likely = _LIKELY.fullmatch(name) and len(value) >= SHORTEST_LIKELY
    if known or (likely and not set(value) & set(" /\\")):
        yield value
    if "://" in value and "@" in value:
        yield from (part for part in _parts(value) if len(part) >= SHORTEST_VARIABLE)


def _within(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield from _parts(value.get_secret_value())
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _within(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _within(item)


def _parts(secret: str) -> Iterator[str]:
    """Yield what is secret in a value: of an address only its password."""
    if "://" not in secret:
        yield secret
        return
    try:
        password = urlsplit(secret).password
    except ValueError:
        yield secret
        return
    if password:
        yield password
        yield unquote(password)


class RedactingFilter(logging.Filter):
    """Takes secrets out of log records; belongs on handlers, so that it sees every logger."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record, traceback included; always keeps it."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = f"{record.msg} (its arguments do not fit)"
        record.msg, record.args = self._redactor.text(message), None
        if record.exc_info:
            record.exc_text = self._redactor.text(
                logging.Formatter().formatException(record.exc_info)
            )
        if record.stack_info:
            record.stack_info = self._redactor.text(record.stack_info)
        return True
