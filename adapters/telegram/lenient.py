"""Answers of servers that are less exact than Telegram, as the library can read them.

Emulators and proxies of the Bot API leave out what they think nobody reads, and the library reads
all of it. What is missing is filled in with what means nothing, what nobody reads here is left out;
else what an answer says is never changed, but that a time in milliseconds becomes one in seconds.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx import Response
    from telegram.request import HTTPXRequest

Json = dict[str, Any]
QUOTED_TYPES = frozenset({"blockquote", "expandable_blockquote", "pre"})
"""Entities whose words are drawn apart from those of who sent them."""
Reads = Callable[[Json], bool]
"""Says of an update whether the library can read it; one that it cannot holds up no other."""
PAUSE_S = 3
"""How long to wait where a 429 does not say it."""
NOWHERE: Json = {"message_id": 0, "date": 0, "chat": {"id": 0, "type": "private"}}
"""What stands for a message that was sent, where the answer tells nothing of it."""
_MILLISECONDS = 100_000_000_000
_USERS = ("from", "user", "sender_user", "via_bot", "left_chat_member")
_READ = ("message_id", "chat", "date", "from", "text", "message_thread_id", "is_topic_message")
"""What is read of a message inside another thing."""
_UNREAD = ("reply_markup", "link_preview_options")
"""What is read of no message that comes in, and may be an echo in any form."""
_MARKS = ("entities", "caption_entities")
"""Where it is said of a message which of its words are quoted; nothing else of it is read."""
_TELL_NOTHING = {"sendchataction", "sendmessagedraft"}
_ERRORS = range(HTTPStatus.BAD_REQUEST, 600)


def readable(method: str, code: int, body: bytes, reads: Reads | None = None) -> tuple[int, bytes]:
    """Return the HTTP code and body of an answer as Telegram would have given them.

    Updates that `reads` says no to are there by their number only.
    """
    try:
        answer = json.loads(body.decode("utf-8", "replace"))
    except ValueError:
        return code, body
    if not isinstance(answer, dict):
        return code, body
    if HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES:
        code = _code(code, answer)
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        answer["parameters"] = {"retry_after": _pause(answer)}
    elif code < HTTPStatus.BAD_REQUEST:
        result = _result(method.lower(), answer.get("result"))
        answer["result"] = _legible(result, reads) if reads else result
    return code, json.dumps(answer).encode()


def filled(value: object) -> None:
    """Fill in, in place, what messages, users, chats and taps lack anywhere in a value."""
    if isinstance(value, list):
        for one in value:
            filled(one)
    if isinstance(value, dict):
        for name, one in list(value.items()):
            if isinstance(one, dict):
                _fill(name, one)
            filled(one)


def make_request(
    dated: Callable[[str | None], None],
    *,
    reads: Reads | None = None,
    **settings: Any,  # noqa: ANN401 - settings of the library
) -> "HTTPXRequest":
    """Return the library's way of calling, for servers that are less exact; see `readable`.

    `dated` is told the `Date` of each answer as it comes in.
    """
    from telegram.request import HTTPXRequest

    class LenientRequest(HTTPXRequest):
        """Calls over httpx, and makes each answer readable."""

        async def do_request(self, url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401 - handed on
            """Make a call."""
            code, body = await super().do_request(url, *args, **kwargs)
            return readable(url.rpartition("/")[2], code, body, reads)

    async def answered(response: "Response") -> None:
        dated(response.headers.get("date"))

    return LenientRequest(httpx_kwargs={"event_hooks": {"response": [answered]}}, **settings)


def _code(code: int, answer: Json) -> int:
    """Return the code of an answer that says by its body alone that nothing was done."""
    if answer.get("ok") is not False:
        return code
    told = answer.get("error_code")
    return told if isinstance(told, int) and told in _ERRORS else HTTPStatus.BAD_REQUEST


def _pause(answer: Json) -> int:
    told = answer.get("parameters")
    wanted = told.get("retry_after") if isinstance(told, dict) else None
    return wanted if isinstance(wanted, int) and wanted > 0 else PAUSE_S


def _result(method: str, result: object) -> object:
    if method.startswith(("send", "edit")) and method not in _TELL_NOTHING:
        return _sent(result, edited=method.startswith("edit"))
    if method == "getme" and isinstance(result, dict):
        result = {"is_bot": True, "first_name": "", "username": "", **result}
    filled(result)
    return True if result is None else result


def _sent(result: object, *, edited: bool) -> object:
    """Return of what was sent only where it is: the rest may be an echo in any form."""
    if isinstance(result, list):
        return [_sent(one, edited=edited) for one in result]
    if not isinstance(result, dict):
        return True if edited else dict(NOWHERE)
    chat = result.get("chat")
    number = _number(chat.get("id")) if isinstance(chat, dict) else 0
    there = {"id": number, "type": "private" if number > 0 else "supergroup"}
    return {"message_id": _number(result.get("message_id")), "date": 0, "chat": there}


def _fill(name: str, found: Json) -> None:
    if name in _USERS:
        found.setdefault("is_bot", False)
        found.setdefault("first_name", "")
    if name == "callback_query":
        found["id"] = str(found.get("id", ""))
        found.setdefault("chat_instance", "")
    if name == "chat" and "id" in found:
        found.setdefault("type", "private" if _number(found["id"]) > 0 else "supergroup")
    _place(name, found)
    if isinstance(found.get("chat"), dict):
        for unread in _UNREAD:
            found.pop(unread, None)
        for marks in _MARKS:
            if places := _quotations(found.pop(marks, None)):
                found[marks] = places
        if not isinstance(quote := found.get("quote"), dict) or not quote.get("text"):
            found.pop("quote", None)
        else:
            found["quote"] = {"text": str(quote["text"]), "position": 0}
        found["message_id"] = _number(found.get("message_id"))
        found["date"] = _seconds(found.get("date"))
        if found.get("edit_date") is not None:
            found["edit_date"] = _seconds(found["edit_date"])


def _quotations(marks: object) -> list[Json]:
    """Return the places of quotations and code, of those that can be read."""
    found = [one for one in marks if isinstance(one, dict)] if isinstance(marks, list) else []
    return [
        {"type": one["type"], "offset": _number(one.get("offset")), "length": number}
        for one in found
        if one.get("type") in QUOTED_TYPES and (number := _number(one.get("length"))) > 0
    ]


def _place(name: str, found: Json) -> None:
    """Say of a message inside another thing in which chat it is, and no more than is read of it."""
    answered, tapped = found.get("reply_to_message"), found.get("message")
    if isinstance(answered, dict) and "chat" in found:
        found["reply_to_message"] = {"chat": found["chat"], **_kept(answered)}
    if name == "callback_query" and isinstance(tapped, dict):
        person = found.get("from")
        chat = {"id": person.get("id", 0) if isinstance(person, dict) else 0}
        found["message"] = {"chat": chat, **_kept(tapped)}


def _kept(message: Json) -> Json:
    return {name: message[name] for name in _READ if name in message}


def _number(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def _seconds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _number(value)
    return int(value) // 1000 if value >= _MILLISECONDS else int(value)


def _legible(updates: object, reads: Reads) -> object:
    """Return updates without the words of those that cannot be read."""
    if not isinstance(updates, list):
        return updates
    return [
        one if reads(one) else {"update_id": one["update_id"]}
        for one in updates
        if isinstance(one, dict) and isinstance(one.get("update_id"), int)
    ]
