"""Text and JSON that every part can store, send and read again.

A lone half of a surrogate pair has no UTF-8: no socket, file or window takes a text with one. It
comes in where a stream is cut between the halves, as an escape in JSON, or as a file name that does
not decode. PostgreSQL keeps no NUL. So both are replaced where text enters the log, and halves once
more where a log of earlier versions is read.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from core.domain.canonical import canonical
from core.domain.errors import BadInputError

REPLACEMENT: Final = "\ufffd"
"""What stands for a character that was broken (Unicode's own mark for that)."""

DEEPEST: Final = 98
"""How deep JSON may be nested: the redactor goes 100 levels down, pydantic stops at 255."""

MOST_BITS: Final = 1000
"""How long a whole number may be: a float holds 1,023 bits, and Python reads 4,300 digits."""

_HIGH: Final = re.compile("[\ud800-\udbff]$")


def whole_text(text: str) -> str:
    """Return the text with pairs of halves joined, and U+FFFD for each half without its other."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


WholeText = Annotated[str, AfterValidator(whole_text)]
"""Text from outside, in a model that it enters by."""


def _is_storable(encoded: str) -> bool:
    """Whether canonical JSON surely is as `storable` gives it; False: it has to be looked at."""
    try:
        encoded.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in encoded and encoded.count("[") + encoded.count("{") <= DEEPEST


def stored_json(value: Any) -> tuple[Any, str]:  # noqa: ANN401 - any JSON value
    """Return a value as `storable` gives it, and its canonical JSON. Raises BadInputError."""
    try:
        encoded = canonical(value)
    except (ValueError, RecursionError):  # NaN, thousands of digits, hundreds of levels
        value = storable(value)
        return value, canonical(value)
    if _is_storable(encoded):
        return value, encoded
    value = storable(value)
    return value, canonical(value)


def storable(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value whose text every store takes, keys too: no halves, no NUL.

    Raises BadInputError for what is no JSON that can be kept: NaN, endless or very long numbers,
    values nested deeper than `DEEPEST`.
    """
    if isinstance(value, str):
        return whole_text(value).replace("\0", REPLACEMENT)
    if isinstance(value, float) and not math.isfinite(value):
        message = f"no JSON that can be kept: {value} is no number"
        raise BadInputError(message)
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        message = f"no JSON that can be kept: a number has more than {MOST_BITS} bits"
        raise BadInputError(message)
    if isinstance(value, Mapping | list | tuple) and depth > DEEPEST:
        message = f"no JSON that can be kept: it is nested deeper than {DEEPEST} levels"
        raise BadInputError(message)
    if isinstance(value, Mapping):
        return {storable(key): storable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item, depth + 1) for item in value]
    return value


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value of a text from outside, as `storable` gives it.

    Raises BadInputError, which goes on after "… is": `no JSON: … at character 7`.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg} at character {error.pos}"
        raise BadInputError(message) from error
    except RecursionError as error:
        message = f"no JSON that can be kept: it is nested deeper than {DEEPEST} levels"
        raise BadInputError(message) from error
    except ValueError as error:  # bytes that do not decode, or thousands of digits
        message = "no JSON that can be kept: it holds a number that is too long, or broken text"
        raise BadInputError(message) from error
    return storable(value)


class PairJoiner:
    """Joins characters that a stream cuts in two: a first half waits for the piece after it."""

    def __init__(self) -> None:
        self._half = ""

    def take(self, piece: str) -> str:
        """Return what can be shown by now, whole."""
        text = self._half + piece
        cut = _HIGH.search(text)
        self._half = cut[0] if cut else ""
        return whole_text(text[: cut.start()] if cut else text)
