"""Answers that are less exact than Telegram's."""

import json
from typing import Any

import pytest
from telegram import Update

from adapters.telegram.lenient import PAUSE_S, filled, readable


def read(method: str, whole: object, code: int = 200) -> tuple[int, Any]:
    """Return the code and the body that the library is given for an answer."""
    code, body = readable(method, code, json.dumps(whole).encode())
    return code, json.loads(body)


def test_an_exact_answer_says_the_same() -> None:
    """Nothing that Telegram tells is changed."""
    update = {
        "update_id": 7,
        "message": {
            "message_id": 5,
            "date": 1_700_000_000,
            "edit_date": 1_700_000_009,
            "chat": {"id": -5, "type": "group", "title": "Boat"},
            "from": {"id": 42, "is_bot": True, "first_name": "Ada"},
            "text": "hi",
        },
    }
    exact = {"ok": True, "result": [update]}
    assert read("getUpdates", exact) == (200, exact)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff"])
def test_what_is_no_answer_is_left_alone(body: bytes) -> None:
    """The library says what is wrong with it."""
    assert readable("getMe", 200, body) == (200, body)


@pytest.mark.parametrize(
    ("told", "code"), [({}, 400), ({"error_code": 403}, 403), ({"error_code": "x"}, 400)]
)
def test_a_no_with_code_200_is_a_no(told: dict[str, object], code: int) -> None:
    """The body counts, not the code of HTTP."""
    assert read("sendMessage", {"ok": False, **told})[0] == code


def test_a_flood_says_how_long() -> None:
    """A 429 without a number asks for a few seconds; one with a number for those."""
    flood = {"ok": False, "error_code": 429, "description": "Too Many Requests"}
    _, plain = read("sendMessage", flood, 429)
    assert plain["parameters"] == {"retry_after": PAUSE_S}
    _, told = read("sendMessage", {**flood, "parameters": {"retry_after": 9}})
    assert told["parameters"] == {"retry_after": 9}


def test_what_was_sent_is_known_by_its_number() -> None:
    """Whatever else is echoed, in whatever form; without a number it is number 0."""
    echo = {"message_id": "12", "chat": {"id": 42}, "entities": "[]", "date": "soon"}
    _, sent = read("sendMessage", {"ok": True, "result": echo})
    assert sent["result"] == {"message_id": 12, "date": 0, "chat": {"id": 42, "type": "private"}}
    for result in (True, None, "ok"):
        assert read("sendMessage", {"ok": True, "result": result})[1]["result"]["message_id"] == 0
        assert read("editMessageText", {"ok": True, "result": result})[1]["result"] is True
    assert read("answerCallbackQuery", {"ok": True})[1]["result"] is True


def test_times_in_milliseconds_are_seconds() -> None:
    """And a time that is missing is none."""
    message: dict[str, Any] = {"chat": {"id": -5}, "date": 1_700_000_000_123, "edit_date": None}
    filled({"message": message})
    assert message["date"] == 1_700_000_000
    assert message["edit_date"] is None
    assert message["chat"]["type"] == "supergroup"


def test_a_message_inside_another_is_in_its_chat() -> None:
    """What is answered is where the answer is; what is tapped is where the person is."""
    chat = {"id": 42, "type": "private"}
    update: dict[str, Any] = {
        "message": {"message_id": 5, "date": 1, "chat": chat, "reply_to_message": {"text": "?"}},
        "callback_query": {"id": 3, "from": {"id": 42}, "message": {"message_id": 4}},
    }
    filled(update)
    assert update["message"]["reply_to_message"]["chat"] == chat
    assert update["callback_query"]["message"]["chat"] == chat
    assert update["callback_query"]["id"] == "3"


def test_what_is_not_read_may_be_in_any_form() -> None:
    """An echo of what was sent as text of a form is no reason not to hear a tap."""
    echo = {"message_id": 4, "date": 9, "chat": {"id": 42}, "reply_markup": "{}", "entities": "[]"}
    update = {"update_id": 1, "callback_query": {"id": 3, "from": {"id": 42}, "message": echo}}
    filled(update)
    read_again = Update.de_json(update, None)
    assert read_again.callback_query is not None
    assert read_again.callback_query.message is not None
    assert read_again.callback_query.message.message_id == 4


def test_an_update_that_cannot_be_read_leaves_its_number() -> None:
    """So that the others are read, and it is not asked for again."""
    updates = [{"update_id": 1, "message": "?"}, {"update_id": 2}, "?"]
    whole = json.dumps({"ok": True, "result": updates}).encode()
    _, body = readable("getUpdates", 200, whole, lambda update: "message" not in update)
    assert json.loads(body)["result"] == [{"update_id": 1}, {"update_id": 2}]
