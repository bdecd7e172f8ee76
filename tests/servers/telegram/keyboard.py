"""The markup under a message: inline buttons, or a request to reply."""

import json
from collections.abc import Callable
from typing import Any

from tests.servers.telegram.errors import bad

ACTIONS = frozenset(
    {
        *("url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text"),
        *("switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "pay"),
        "callback_game",
    }
)
DATA_BYTES = 64
MAX_BUTTONS = 100
PLACEHOLDER = 64
BUTTON = "can't parse inline keyboard button: "
LINKS = ("http://", "https://", "tg://")

Markup = dict[str, Any]


def decoded(raw: object, what: str) -> object:
    """Return what a parameter holds, which comes as JSON text in forms."""
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError:
        raise bad(f"can't parse {what} JSON object") from None


def read_markup(raw: object, told: Callable[[str], None]) -> Markup | None:
    """Return the markup, None for none; `told` takes what breaks the documentation only."""
    if raw in (None, ""):
        return None
    value = decoded(raw, "reply keyboard markup")
    if not isinstance(value, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in value:
        return _inline(value["inline_keyboard"])
    if "keyboard" in value or value.get("remove_keyboard"):
        return value
    if value.get("force_reply"):
        if len(value.get("input_field_placeholder") or "-") > PLACEHOLDER:
            told("input_field_placeholder of a ForceReply is longer than 64 characters")
        return value
    return None


def _inline(rows: object) -> Markup:
    if not isinstance(rows, list):
        raise bad('field "inline_keyboard" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad(
                'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
            )
        if not row:  # Telegram drops the row without a word
            raise bad("can't parse inline keyboard button: a row must be non-empty")
        for button in row:
            _check_button(button)
    if sum(len(row) for row in rows) > MAX_BUTTONS:
        raise bad("reply markup is too long")
    return {"inline_keyboard": rows}


def _check_button(button: object) -> None:
    if not isinstance(button, dict):
        raise bad(f"{BUTTON}InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise bad(f'{BUTTON}Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise bad(f'{BUTTON}Field "text" must be of type String')
    if not button["text"].strip():
        raise bad("inline keyboard button text must be non-empty")
    _check_action(button)


def _check_action(button: Markup) -> None:
    actions = [name for name in ACTIONS & set(button) if button[name] != ""]
    if not actions:
        raise bad(f"{BUTTON}Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:  # Telegram takes the first one without a word
        raise bad(f"{BUTTON}exactly one action is expected, found {', '.join(sorted(actions))}")
    if actions == ["callback_data"] and len(str(button["callback_data"]).encode()) > DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if actions == ["url"] and not str(button["url"]).startswith(LINKS):
        raise bad("BUTTON_URL_INVALID")
