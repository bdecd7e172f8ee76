"""The kinds of values a configuration is made of; each refusal says what is allowed."""

import re
from collections.abc import Callable
from datetime import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from core.memory.profile.hours import Span

NOT_ALLOWED = "not_allowed"
"""Error type: the message completes "it must be …"."""
SENTENCE = "sentence"
"""Error type: the message says it all, and the value is not repeated."""


class Origin(NamedTuple):
    """Where values come from: the folder relative paths start at, and how secrets are fetched."""

    folder: Path
    secret: Callable[[str], str]


def not_allowed(allowed: str) -> PydanticCustomError:
    """Return the refusal of a value that must be `allowed`."""
    return PydanticCustomError(NOT_ALLOWED, "{allowed}", {"allowed": allowed})


def sentence(text: str) -> PydanticCustomError:
    """Return a refusal in its own words, without a full stop."""
    return PydanticCustomError(SENTENCE, "{text}", {"text": text})


def _decimal(value: object, allowed: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise not_allowed(allowed)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise not_allowed(allowed) from None
    if not number.is_finite():
        raise not_allowed(allowed)
    return number


def _whole(low: int, high: int) -> BeforeValidator:
    allowed = f"a whole number from {low} to {high}"

    def check(value: object) -> int:
        number = _decimal(value, allowed)
        if not low <= number <= high or number != int(number):
            raise not_allowed(allowed)
        return int(number)

    return BeforeValidator(check)


def _share(value: object) -> float:
    allowed = "a number from 0 to 1"
    number = _decimal(value, allowed)
    if not 0 <= number <= 1:
        raise not_allowed(allowed)
    return float(number)


def _seconds(value: object) -> float:
    allowed = "a number of seconds, more than 0 and at most 3600"
    number = _decimal(value, allowed)
    if not 0 < number <= 3600:  # noqa: PLR2004 - said in the line above
        raise not_allowed(allowed)
    return float(number)


_SMALLEST, _LARGEST = Decimal("0.000000000001"), Decimal(10**12)
"""What an amount is between: written out, as events have it, 1E+999999999 is a gigabyte."""


def _amount(value: object) -> Decimal:
    allowed = "an amount of US dollars, 0 or more, such as 0.50"
    number = _decimal(value, allowed)
    if number < 0:
        raise not_allowed(allowed)
    if number == 0:
        return Decimal(0)
    if not _SMALLEST <= number <= _LARGEST:
        raise not_allowed(f"0, or from {_SMALLEST:f} to {_LARGEST:,} US dollars")
    return number


Port = Annotated[int, _whole(1, 65535)]
Count = Annotated[int, _whole(0, 1000)]
Words = Annotated[int, _whole(1, 100_000)]
Hours = Annotated[int, _whole(1, 8760)]
Replans = Annotated[int, _whole(0, 10)]
UserId = Annotated[int, _whole(1, 2**63 - 1)]
Share = Annotated[float, BeforeValidator(_share)]
Seconds = Annotated[float, BeforeValidator(_seconds)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]


def _text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise not_allowed("text on one line, not empty")
    return value


Text = Annotated[str, AfterValidator(_text)]


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?", value.strip()):
        raise not_allowed("a language code such as en or pt-BR")
    return value.strip()


Language = Annotated[str, AfterValidator(_language)]


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # a port out of range is only noticed when it is asked for
    except ValueError:
        return False
    spaced = any(sign.isspace() for sign in value)
    needs_host = parts.scheme not in {"sqlite", "unix"}
    return parts.scheme in schemes and not spaced and bool(parts.hostname or not needs_host)


def _url(value: str) -> str:
    if not _is_url(value, ("http", "https")):
        raise not_allowed("an address that starts with https:// or http://")
    return value


Url = Annotated[str, AfterValidator(_url)]

_HOST = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,252}|\[?[0-9a-f:.]{2,45}\]?")


def _host(value: str) -> str:
    value = value.strip().lower()
    if not _HOST.fullmatch(value):
        raise not_allowed("a host name such as api.example.com, without scheme or path")
    return value


def _allowed_host(value: str) -> str:
    host, _, port = value.rpartition(":")
    if host and ":" not in host.rpartition("]")[2] and re.fullmatch(r"[0-9]{1,5}", port):
        return f"{_host(host)}:{int(port)}"
    return _host(value)


Host = Annotated[str, AfterValidator(_host)]
"""The name or address of a machine."""
AllowedHost = Annotated[str, AfterValidator(_allowed_host)]
"""A host, with `:port` where only one port of it is meant."""


def _link_host(value: str) -> str:
    wild = value.strip().startswith("*.")
    return f"*.{_host(value.strip()[2:])}" if wild else _host(value)


LinkHost = Annotated[str, AfterValidator(_link_host)]
"""The name of a machine, or `*.domain` for all below it."""


def _mailbox(value: str) -> str:
    if not re.fullmatch(r"[^@\r\n]*[^@\s]@[^@\s]+", value) or not value.isprintable():
        raise not_allowed("a mail address such as me@example.com")
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _time(text: str) -> time | None:
    match = _CLOCK.fullmatch(text.strip())
    return time(int(match[1]), int(match[2])) if match else None


def _clock(value: object) -> time:
    moment = value if isinstance(value, time) else isinstance(value, str) and _time(value)
    if not isinstance(moment, time):
        raise not_allowed('a time of day such as "07:30"')
    return moment


ClockTime = Annotated[time, BeforeValidator(_clock)]


def _quiet(value: object) -> Span:
    if isinstance(value, Span):
        return value
    start, _, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    first, last = _time(start), _time(end)
    if first is None or last is None or first == last:
        raise not_allowed('a span such as "22:00-07:00", or null')
    return Span(first, last)


Quiet = Annotated[Span, BeforeValidator(_quiet)]


def _path(value: Any, info: ValidationInfo) -> Path:  # noqa: ANN401 - anything may be written
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        raise not_allowed("a path")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise not_allowed("a path; the home folder it begins with is not known") from None
    folder = info.context.folder if isinstance(info.context, Origin) else Path.cwd()
    return Path(folder / path).resolve()


Folder = Annotated[Path, BeforeValidator(_path)]
"""A path; a relative one starts at the folder of the configuration file."""


def _secret(value: object, info: ValidationInfo) -> object:
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise not_allowed("text (in quotes), env:NAME or file:PATH")
    if isinstance(info.context, Origin):
        value = info.context.secret(value)
    if not value.strip():
        raise not_allowed("not empty; use null for none")
    return value


Secret = Annotated[SecretStr, BeforeValidator(_secret)]
"""A secret: written out, `env:NAME` or `file:PATH`; never shown."""


def _secret_url(schemes: tuple[str, ...]) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not _is_url(value.get_secret_value(), schemes):
            raise not_allowed(
                "an address that starts with " + " or ".join(f"{s}://" for s in schemes)
            )
        return value

    return AfterValidator(check)


DatabaseUrl = Annotated[
    Secret, _secret_url(("postgresql", "postgresql+psycopg", "postgres", "sqlite"))
]
RedisUrl = Annotated[Secret, _secret_url(("redis", "rediss", "unix"))]
ChromaUrl = Annotated[Secret, _secret_url(("http", "https"))]
