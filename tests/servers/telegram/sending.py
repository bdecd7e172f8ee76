"""The methods that send, edit and delete messages."""

import time

from tests.servers.telegram.errors import ApiError, bad
from tests.servers.telegram.images import size_of
from tests.servers.telegram.keyboard import Markup, read_markup
from tests.servers.telegram.model import Json, Message, StoredFile, Version
from tests.servers.telegram.params import Params
from tests.servers.telegram.rooms import Action, Room
from tests.servers.telegram.state import State
from tests.servers.telegram.text import CAPTION_UNITS, TEXT_UNITS, formatted
from tests.servers.telegram.units import units

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
MAX_UPLOAD = 50 << 20
MAX_PHOTO = 10 << 20
MAX_SIDES = 10_000
MAX_RATIO = 20
CHAT_ACTIONS = frozenset(
    {
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
        *("upload_document", "choose_sticker", "find_location", "record_video_note"),
        *("upload_video_note", "record_audio", "upload_audio"),
    }
)


def room_of(state: State, params: Params) -> Room:
    """Return the chat that a method names; raises where the bot may not write."""
    raw = params.text("chat_id")
    if not raw:
        raise bad("chat_id is empty")
    room = state.rooms.get(params.number("chat_id"))
    if room is None:
        raise bad("chat not found")
    if refusal := room.refusal():
        raise refusal
    return room


def send_message(state: State, params: Params) -> Json:
    """Run sendMessage."""
    version = _text_version(state, params, "message is too long")
    return _deliver(state, params, version, None)


def send_document(state: State, params: Params) -> Json:
    """Run sendDocument."""
    return _send_file(state, params, "document")


def send_photo(state: State, params: Params) -> Json:
    """Run sendPhoto."""
    return _send_file(state, params, "photo")


def send_voice(state: State, params: Params) -> Json:
    """Run sendVoice."""
    return _send_file(state, params, "voice")


def edit_message_text(state: State, params: Params) -> Json:
    """Run editMessageText."""
    version = _text_version(state, params, "MESSAGE_TOO_LONG")
    message = _editable(state, params)
    if message.file is not None:
        raise bad("there is no text in the message to edit")
    return _edit(state, params, message, version)


def edit_message_caption(state: State, params: Params) -> Json:
    """Run editMessageCaption."""
    version = _caption_version(state, params)
    message = _editable(state, params)
    if message.file is None:
        raise bad("there is no caption in the message to edit")
    return _edit(state, params, message, version)


def edit_message_reply_markup(state: State, params: Params) -> Json:
    """Run editMessageReplyMarkup."""
    markup = _markup(state, params)
    message = _editable(state, params)
    return _edit(state, params, message, message.now._replace(markup=markup))


def delete_message(state: State, params: Params) -> bool:
    """Run deleteMessage."""
    number = params.number("message_id")
    if not number:
        raise bad("message identifier is not specified")
    room = room_of(state, params)
    message = room.find(number)
    if message is None:
        raise bad("message to delete not found")
    if room.kind != "private" and not message.from_bot:
        raise bad("message can't be deleted")
    message.deleted = True
    state.changed.notify_all()
    return True


def send_chat_action(state: State, params: Params) -> bool:
    """Run sendChatAction."""
    kind = params.text("action")
    if kind not in CHAT_ACTIONS:
        raise bad("wrong parameter action in request")
    room = room_of(state, params)
    thread = params.number("message_thread_id") or None
    room.check_thread(thread)
    room.actions.append(Action(kind, time.monotonic(), thread=thread))
    state.changed.notify_all()
    return True


def send_message_draft(state: State, params: Params) -> bool:
    """Run sendMessageDraft; an empty text shows that the bot thinks."""
    text, _ = formatted(
        params.text("text"),
        params.text("parse_mode"),
        params.json("entities", "entities"),
        may_be_empty=True,
    )
    if units(text) > TEXT_UNITS:
        raise bad("MESSAGE_TOO_LONG")
    room = room_of(state, params)
    if room.kind != "private":
        raise bad("TEXTDRAFT_PEER_INVALID")
    if not params.number("draft_id"):
        raise bad("RANDOM_ID_INVALID")
    thread = params.number("message_thread_id") or None
    room.check_thread(thread)
    room.actions.append(Action("draft", time.monotonic(), text, thread))
    state.changed.notify_all()
    return True


def _text_version(state: State, params: Params, too_long: str) -> Version:
    if not params.text("text"):
        raise bad("message text is empty")
    text, entities = formatted(
        params.text("text"), params.text("parse_mode"), params.json("entities", "entities")
    )
    if units(text) > TEXT_UNITS:
        raise bad(too_long)
    preview = params.json("link_preview_options", "link preview options")
    if preview is not None and not isinstance(preview, dict):
        raise bad("object expected as link preview options")
    silent = (preview or {}).get("is_disabled") or params.flag("disable_web_page_preview")
    return Version(text, tuple(entities), _markup(state, params), bool(silent))


def _caption_version(state: State, params: Params) -> Version:
    text, entities = formatted(
        params.text("caption"),
        params.text("parse_mode"),
        params.json("caption_entities", "caption entities"),
        may_be_empty=True,
    )
    if units(text) > CAPTION_UNITS:
        raise bad("message caption is too long")
    return Version(text, tuple(entities), _markup(state, params))


def _markup(state: State, params: Params) -> Markup | None:
    return read_markup(params.values.get("reply_markup"), state.violations.append)


def _deliver(state: State, params: Params, version: Version, file: StoredFile | None) -> Json:
    room = room_of(state, params)
    reply_to = _reply(params, room)
    thread = params.number("message_thread_id") or None
    if thread is None and reply_to is not None:
        thread = reply_to.thread
    room.check_thread(thread)
    state.throttle.spend(room.id, params.method)
    message = Message(room, next(room.numbers), state.bot, [version], file, reply_to)
    message.thread = thread
    message.silent = params.flag("disable_notification")
    return state.keep(message).to_dict()


def _reply(params: Params, room: Room) -> Message | None:
    given = params.json("reply_parameters", "reply parameters")
    if given is None:
        number: object = params.number("reply_to_message_id")
        lenient = params.flag("allow_sending_without_reply")
    elif isinstance(given, dict):
        number = given.get("message_id")
        lenient = bool(given.get("allow_sending_without_reply"))
        if not isinstance(number, int):
            raise bad('can\'t find field "message_id"')
    else:
        raise bad("object expected as reply parameters")
    if not isinstance(number, int) or number <= 0:
        return None
    message = room.find(number)
    if message is None and not lenient:
        raise bad("message to be replied not found")
    return message


def _editable(state: State, params: Params) -> Message:
    if not params.text("chat_id") and not params.number("message_id"):
        raise bad("message identifier is not specified")
    message = room_of(state, params).find(params.number("message_id"))
    if message is None:
        raise bad("message to edit not found")
    other_markup = message.now.markup and "inline_keyboard" not in message.now.markup
    if message.sender is not state.bot or other_markup:
        raise bad("message can't be edited")
    return message


def _edit(state: State, params: Params, message: Message, version: Version) -> Json:
    if version.markup and "inline_keyboard" not in version.markup:
        raise bad("inline keyboard expected")
    state.throttle.spend(message.chat.id, params.method)
    if version.same(message.now):
        raise bad(NOT_MODIFIED)
    message.edit(version)
    state.changed.notify_all()
    return message.to_dict()


def _send_file(state: State, params: Params, kind: str) -> Json:
    version = _caption_version(state, params)
    name = params.text(kind).removeprefix("attach://")
    upload = params.uploads.get(name if params.text(kind) else kind)
    if upload is None:
        known = state.files.get(name)
        if known is None or known.kind != kind:
            raise bad(
                "wrong remote file identifier specified: can't unserialize it"
                if name
                else f"there is no {kind} in the request"
            )
        return _deliver(state, params, version, known)
    if not upload.data:
        raise bad("file must be non-empty")
    if len(upload.data) > MAX_UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo":
        _check_photo(upload.data)
    room_of(state, params)
    return _deliver(state, params, version, state.store(kind, upload.name, upload.data))


def _check_photo(data: bytes) -> None:
    if len(data) > MAX_PHOTO:
        raise bad("file is too big")
    size = size_of(data)
    if size is None:
        raise bad("IMAGE_PROCESS_FAILED")
    if sum(size) > MAX_SIDES or not min(size) or max(size) > MAX_RATIO * min(size):
        raise bad("PHOTO_INVALID_DIMENSIONS")
