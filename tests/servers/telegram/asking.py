"""The methods that are not about sending: who am I, updates, webhook, taps, commands, files."""

import json
import re
import time

from tests.servers.telegram.errors import ApiError, bad
from tests.servers.telegram.keyboard import decoded
from tests.servers.telegram.model import Json
from tests.servers.telegram.params import Params
from tests.servers.telegram.sending import room_of
from tests.servers.telegram.state import State

CONFLICT_POLL = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
    "running"
)
CONFLICT_HOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete "
    "the webhook first"
)
CONFLICT_SET = "Conflict: terminated by setWebhook request"
MAX_DOWNLOAD = 20 << 20
MAX_POLL_S = 50
MAX_COMMANDS = 100
MAX_COMMAND = 32
MAX_DESCRIPTION = 256
MAX_ANSWER = 200
MAX_SECRET = 256
LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])[:/]")


def get_me(state: State, params: Params) -> Json:
    """Run getMe."""
    flags = {
        "can_join_groups": True,
        "can_read_all_group_messages": not state.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return state.bot.to_dict() | flags


def get_updates(state: State, params: Params) -> list[Json]:
    """Run getUpdates; waits, and gives way to a later poll and to a webhook."""
    if state.hook.url:
        raise ApiError(409, CONFLICT_HOOK)
    updates = state.updates
    limit = min(max(params.number("limit", 100), 1), 100)
    end = time.monotonic() + min(max(params.number("timeout"), 0), MAX_POLL_S)
    _allow(state, params)
    updates.turn += 1
    mine = updates.turn
    state.changed.notify_all()
    if offset := params.number("offset"):
        updates.confirm(offset)
    while not updates.any and state.running and state.otherwise is None:
        left = end - time.monotonic()
        if left <= 0:
            break
        state.changed.wait(left)
        if state.hook.url:
            raise ApiError(409, CONFLICT_SET)
        if updates.turn != mine:
            raise ApiError(409, CONFLICT_POLL)
    return updates.take(limit)


def set_webhook(state: State, params: Params) -> bool:
    """Run setWebhook; plain http is taken for loopback only."""
    url, secret = params.text("url"), params.text("secret_token")
    if not url:
        return delete_webhook(state, params)
    if not url.startswith("https://") and not LOCAL.match(url):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > MAX_SECRET:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    if params.flag("drop_pending_updates"):
        state.updates.clear()
    _allow(state, params)
    state.hook.url, state.hook.secret = url, secret
    state.hook.last_error, state.hook.last_error_date = "", 0
    state.changed.notify_all()
    return True


def delete_webhook(state: State, params: Params) -> bool:
    """Run deleteWebhook."""
    if params.flag("drop_pending_updates"):
        state.updates.clear()
    state.hook.url = state.hook.secret = ""
    state.changed.notify_all()
    return True


def get_webhook_info(state: State, params: Params) -> Json:
    """Run getWebhookInfo."""
    hook = state.hook
    whole: Json = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(state.updates.pending),
    }
    if hook.url:
        whole["max_connections"] = 40
    if hook.last_error:
        whole |= {
            "last_error_date": hook.last_error_date,
            "last_error_message": hook.last_error,
        }
    if state.updates.allowed:
        whole["allowed_updates"] = sorted(state.updates.allowed)
    return whole


def answer_callback_query(state: State, params: Params) -> bool:
    """Run answerCallbackQuery; a tap is answered once, while it is young."""
    text = params.text("text")
    tap = state.taps.get(params.text("callback_query_id"))
    late = tap is None or time.monotonic() - tap.at > state.tap_window_s
    if tap is None or late or tap.answered:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(text) > MAX_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    tap.answer, tap.alert = text, params.flag("show_alert")
    tap.after_s = time.monotonic() - tap.at
    tap.done.set()
    state.changed.notify_all()
    return True


def set_my_commands(state: State, params: Params) -> bool:
    """Run setMyCommands."""
    given = params.json("commands", "commands")
    if given is not None and not isinstance(given, list):
        raise bad("expected an Array of BotCommand")
    commands = [_command(one) for one in given or []]
    if len(commands) > MAX_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    state.commands[_scope(params)] = commands
    return True


def get_my_commands(state: State, params: Params) -> list[Json]:
    """Run getMyCommands."""
    return state.commands.get(_scope(params), [])


def delete_my_commands(state: State, params: Params) -> bool:
    """Run deleteMyCommands."""
    state.commands.pop(_scope(params), None)
    return True


def get_file(state: State, params: Params) -> Json:
    """Run getFile."""
    file_id = params.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    stored = state.files.get(file_id.removesuffix("-s"))
    if stored is None:
        raise bad("invalid file_id")
    if len(stored.data) > MAX_DOWNLOAD:
        raise bad("file is too big")
    return {**stored.to_dict(with_path=True), "file_id": file_id}


def get_chat(state: State, params: Params) -> Json:
    """Run getChat."""
    more = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                *("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"),
                "gifts_from_channels",
            ),
            False,
        ),
    }
    return room_of(state, params).to_dict() | more


def get_chat_member(state: State, params: Params) -> Json:
    """Run getChatMember; people are members or have left, nobody is an administrator."""
    room = room_of(state, params)
    person = room.members.get(params.number("user_id"))
    if person is not None or params.number("user_id") == state.bot.id:
        return {"status": "member", "user": (person or state.bot).to_dict()}
    raise bad("PARTICIPANT_ID_INVALID")


def leave_chat(state: State, params: Params) -> bool:
    """Run leaveChat."""
    room = room_of(state, params)
    if room.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    room.standing = "kicked"
    return True


def _allow(state: State, params: Params) -> None:
    given = params.json("allowed_updates", "allowed_updates")
    if isinstance(given, list):
        state.updates.allow(str(one) for one in given)


def _scope(params: Params) -> str:
    scope = decoded(params.values.get("scope") or {"type": "default"}, "BotCommandScope")
    return scope_key(scope, params.text("language_code"))


def scope_key(scope: object, language: str = "") -> str:
    """Return under what the commands of a scope and a language are kept."""
    return json.dumps([scope, language], sort_keys=True)


def _command(raw: object) -> Json:
    if not isinstance(raw, dict):
        raise bad("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in raw:
            raise bad(f"can't parse BotCommand: Can't find field \"{name}\"")
    command = str(raw["command"]).strip().removeprefix("/")
    description = str(raw["description"]).strip()
    _check_length("command", command, MAX_COMMAND)
    _check_length("command description", description, MAX_DESCRIPTION)
    if not re.fullmatch(r"[a-z0-9_]+", command):
        raise bad("BOT_COMMAND_INVALID")
    return {"command": command, "description": description}


def _check_length(what: str, text: str, most: int) -> None:
    if not text:
        raise bad(f"{what} must be non-empty")
    if len(text) > most:
        raise bad(f"{what} length must not exceed {most}")
