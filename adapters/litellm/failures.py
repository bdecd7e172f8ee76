"""litellm's exceptions as ours, in one sentence each and never with a key in it."""

import re
from datetime import UTC, datetime
from typing import Final

from adapters.litellm.tiers import Asked
from core.domain.errors import (
    ContextTooLongError,
    ModelKeyError,
    ModelRefusedError,
    ModelUnreachableError,
)
from core.domain.retry_after import parse_retry_after

_TOO_MANY: Final = 429
_AGAIN: Final = frozenset({408, 409, 425, _TOO_MANY})
_REDIRECT: Final = 300
_REFUSED: Final = 400
_SERVER: Final = 500
_KEY: Final = frozenset({401, 403})
_UNKNOWN: Final = 404
_PAYMENT: Final = 402
_LONGEST: Final = 200
_READ: Final = 2000
"""Characters of an answer that are looked at for these: what litellm puts before it is short."""
_NOT_CHARGED: Final = frozenset(
    {"HTTPStatusError", "ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"}
)
_SECRET: Final = re.compile(r"\b(?:Bearer\s+)?[A-Za-z0-9_\-*.]{20,}")
_PREFIX: Final = re.compile(r"^(?:litellm\.)?\w+(?:Error|Exception)?:\s*|\b\w+Exception - ")


def translated(
    error: BaseException, target: Asked, timeout_s: float
) -> ModelUnreachableError | ModelRefusedError:
    """Return the error of the port for whatever came out of litellm."""
    model = repr(target.model)
    if isinstance(error, TimeoutError) or type(error).__name__ == "Timeout":
        return ModelUnreachableError(f"The model {model} did not answer within {timeout_s:g} s.")
    status = getattr(error, "status_code", None)
    if type(error).__name__ == "ContextWindowExceededError":
        return ContextTooLongError(f"The prompt is longer than the model {model} takes.")
    if status in _KEY:
        return ModelKeyError(
            f"The server of the model {model} refused the key ({status}): check `llm.api_key` (or "
            f"`{target.setting}.api_key`) in config.yaml or the provider's key in the environment."
        )
    if isinstance(status, int) and status not in _AGAIN and _REDIRECT <= status < _SERVER:
        own = _own_words(status, target)
        plain = own or f"The server of the model {model} refused the call ({status})."
        said = own or f"{plain.rstrip('.')}: {_said(error, target)}."
        return ModelRefusedError(said, plain=plain)
    headers = getattr(error, "litellm_response_headers", None) or {}
    pause = parse_retry_after(headers.get("retry-after") or "", datetime.now(UTC))
    if status == _TOO_MANY:
        return ModelUnreachableError(
            f"The server of the model {model} wants fewer calls (429).",
            retry_after=pause,
            busy=True,
        )
    return ModelUnreachableError(
        f"The model {model} gave no answer{_place(target)}: {_said(error, target)}.",
        retry_after=pause,
        plain=f"The model {model} gave no answer{_place(target)}{_status(status)}.",
    )


def may_be_charged(error: BaseException) -> bool:
    """Return whether a call that failed so may be charged for: it was sent, and not turned down.

    Told by what httpx said beneath it all: no connection, or an answer that is an HTTP error.
    """
    found: BaseException | None = error
    while found is not None:
        if type(found).__name__ in _NOT_CHARGED:
            return False
        found = found.__cause__ or found.__context__
    return True


def _own_words(status: int, target: Asked) -> str:
    """Return what a status says by itself, without a word of the server; empty for most."""
    model = repr(target.model)
    if status == _UNKNOWN:
        return (
            f"The model {model} does not exist{_place(target)} (404): check "
            f"`{target.setting}.model` and `llm.api_base` in config.yaml."
        )
    if status < _REFUSED:
        return (
            f"The server of the model {model} sends calls on to another address ({status}), which "
            f"is not followed: check `{target.setting}.api_base` or `llm.api_base` in config.yaml."
        )
    if status == _PAYMENT:
        return f"The account behind the model {model} has no credit left (402)."
    return ""


def _status(status: object) -> str:
    return f" ({status})" if isinstance(status, int) else ""


def _place(target: Asked) -> str:
    """Name the server; an address may carry a user and a password, which are left out."""
    if not target.config.api_base:
        return ""
    scheme, _, rest = target.config.api_base.partition("://")
    return f" at {scheme}://{rest.rpartition('@')[2]}"


def _said(error: BaseException, target: Asked) -> str:
    """Return what the other side said, one line, without anything that looks like a secret."""
    text = " ".join(str(getattr(error, "message", "") or error).split())
    text = text.partition("Traceback (most recent call last)")[0]  # litellm puts its own in
    if target.config.api_key:
        text = text.replace(target.config.api_key, "[key]")
    text = text[:_READ]
    while (shorter := _PREFIX.sub("", text)) != text:
        text = shorter
    text = _SECRET.sub("[…]", text)
    return text[:_LONGEST].rstrip(" .") or type(error).__name__
