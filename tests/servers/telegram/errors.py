"""How the Bot API says no: a code, a sentence, at times when to come back.

The sentences are those of the public source of Telegram's own server (tdlib/telegram-bot-api and
tdlib/td), which lower-cases the first letter of most of them after the prefix.
"""

from typing import Any


class ApiError(Exception):
    """An answer with `ok` false."""

    def __init__(
        self,
        code: int,
        description: str,
        retry_after: int | None = None,
        moved_to: int | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.moved_to = moved_to

    def body(self) -> dict[str, Any]:
        """Return the answer."""
        whole: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after is not None:
            whole["parameters"] = {"retry_after": self.retry_after}
        if self.moved_to is not None:
            whole["parameters"] = {"migrate_to_chat_id": self.moved_to}
        return whole


def bad(sentence: str) -> ApiError:
    """Return a 400."""
    return ApiError(400, f"Bad Request: {sentence}")


def forbidden(sentence: str) -> ApiError:
    """Return a 403."""
    return ApiError(403, f"Forbidden: {sentence}")


def flood(seconds: int) -> ApiError:
    """Return a 429."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", seconds)
