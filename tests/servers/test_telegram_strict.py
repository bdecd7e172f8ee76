"""What the emulated Telegram refuses, in its words and codes, asked with plain HTTP."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.servers.telegram import Chat, TelegramServer

Ask = Callable[..., Any]
OK = "ok"


@pytest.fixture
def chat(telegram_server: TelegramServer) -> Chat:
    """Give a person's chat that the bot may write to, without limits on how much."""
    telegram_server.limits.enabled = False
    return telegram_server.private(telegram_server.user(501, "Ada"), started=True)


@pytest.fixture
def ask(telegram_server: TelegramServer, chat: Chat) -> Iterator[Ask]:
    """Give a function that asks a method with a JSON body; returns the result or the refusal."""
    with httpx.Client(base_url=f"{telegram_server.api_base}/bot{telegram_server.token}") as client:

        def asked(method: str, **params: object) -> Any:  # noqa: ANN401
            answer = client.post(f"/{method}", json={"chat_id": chat.id} | params)
            whole = answer.json()
            if whole["ok"]:
                return whole["result"]
            assert answer.status_code == whole["error_code"]
            return f"{whole['error_code']} {whole['description']}"

        yield asked


def bad(sentence: str) -> str:
    """Return a 400 as `ask` tells it."""
    return f"400 Bad Request: {sentence}"


def entity(kind: str, offset: int, length: int, **more: object) -> dict[str, object]:
    """Return an entity."""
    return {"type": kind, "offset": offset, "length": length, **more}


def test_who_may_ask(telegram_server: TelegramServer) -> None:
    """A wrong token is refused with 401, an unknown method or path with 404."""
    base = telegram_server.api_base
    ask = ["/bot1:x/getMe", f"/bot{telegram_server.token}/sendNothing", "/getMe"]
    answers = [httpx.get(base + path) for path in ask]
    assert [answer.status_code for answer in answers] == [401, 404, 404]
    assert answers[1].json() == {"ok": False, "error_code": 404, "description": "Not Found"}


def test_forms_of_a_request(telegram_server: TelegramServer, chat: Chat) -> None:
    """A query, a form, JSON and multipart say the same; method names have any case."""
    url = f"{telegram_server.api_base}/bot{telegram_server.token}/sendmessage"
    markup = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
    form = {"chat_id": str(chat.id), "text": "ä\r\nb", "reply_markup": json.dumps(markup)}
    httpx.get(url, params=form)
    httpx.post(url, data=form)
    httpx.post(url, json={**form, "reply_markup": markup})
    httpx.post(url, files={name: (None, value) for name, value in form.items()})
    assert [(m.text, m.buttons) for m in chat.messages] == [("ä\nb", [["A"]])] * 4
    assert telegram_server.calls[0].params["reply_markup"] == markup


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 4096, OK),
        ("😀" * 2048, OK),
        ("😀" * 2048 + "x", bad("message is too long")),
        (" \n" + "x" * 4096 + "\n", OK),
        ("", bad("message text is empty")),
        (" \n ", bad("text must be non-empty")),
        ("\x01 \r", bad("text must be non-empty")),
        ("x" * 40000, bad("text is too long")),
    ],
)
def test_length(ask: Ask, text: str, said: str) -> None:
    """Text has 1 to 4096 UTF-16 units after it was trimmed."""
    answer = ask("sendMessage", text=text)
    assert (answer if isinstance(answer, str) else OK) == said


@pytest.mark.parametrize(
    ("entities", "said"),
    [
        ([entity("bold", 0, 2), entity("italic", 0, 2)], OK),
        ([entity("bold", 0, 9)], OK),
        ([entity("url", 0, 1)], OK),
        (
            [entity("bold", 8, 3)],
            bad(
                "entity beginning at UTF-16 offset 8 ends after the end of the text at "
                "UTF-16 offset 11"
            ),
        ),
        (
            [entity("bold", 11, 1)],
            bad("entity begins after the end of the text at UTF-16 offset 11"),
        ),
        (
            [entity("bold", 1, 1)],
            bad("entity begins in a middle of a UTF-16 symbol at byte offset 4"),
        ),
        (
            [entity("bold", 0, 1)],
            bad(
                "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at "
                "byte offset 4"
            ),
        ),
        ([entity("bold", -1, 1)], bad("receive an entity with incorrect offset -1")),
        ([entity("loud", 0, 2)], bad("can't parse MessageEntity: Unsupported type specified")),
        (
            [entity("text_link", 0, 2)],
            bad("can't parse MessageEntity: Can't find field \"url\""),
        ),
        (
            [entity("bold", 0, 4), entity("italic", 3, 4)],
            bad(
                "can't parse entities: bold at UTF-16 offset 0 and italic at UTF-16 offset 3 "
                "can't be nested"
            ),
        ),
        (
            [entity("pre", 0, 9), entity("bold", 3, 2)],
            bad(
                "can't parse entities: pre at UTF-16 offset 0 and bold at UTF-16 offset 3 "
                "can't be nested"
            ),
        ),
    ],
)
def test_entities(ask: Ask, entities: list[object], said: str) -> None:
    """Entities are of a known type, lie in the text, cut no character and nest well."""
    answer = ask("sendMessage", text="😀 text xy", entities=entities)
    assert (answer if isinstance(answer, str) else OK) == said


def test_entities_move_with_the_text(ask: Ask, chat: Chat) -> None:
    """Trimming moves entities, those of blanks go, links and commands are found."""
    given = [entity("bold", 2, 4), entity("italic", 0, 2), entity("code", 7, 9)]
    ask("sendMessage", text="\n\nbold https://a /help http://x.org.", entities=given)
    assert chat.messages[-1].formats == [
        ("bold", "bold"),
        ("code", "https://a"),
        ("bot_command", "/help"),
        ("url", "http://x.org"),
    ]


@pytest.mark.parametrize(
    ("mode", "text", "said"),
    [
        (
            "HTML",
            (
                '<b>b</b> &lt;<a href="http://x">a</a>&amp; '
                '<pre><code class="language-py">p</code></pre>'
            ),
            [("bold", "b"), ("text_link", "a"), ("pre", "p")],
        ),
        ("HTML", "<blockquote expandable>q</blockquote>", [("expandable_blockquote", "q")]),
        ("HTML", "<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("HTML", "x</b>", "Unexpected end tag at byte offset 1"),
        (
            "HTML",
            "<b><i>x</b>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("HTML", "a < b", "Unclosed start tag at byte offset 2"),
        ("HTML", "ä<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        (
            "MarkdownV2",
            "*b _i_* `a_b` [l](http://x) ||s||\\.",
            [
                ("bold", "b i"),
                ("italic", "i"),
                ("code", "a_b"),
                ("text_link", "l"),
                ("spoiler", "s"),
            ],
        ),
        ("MarkdownV2", "```py\nx = 1```", [("pre", "x = 1")]),
        ("MarkdownV2", ">q\n>r\nx", [("blockquote", "q\nr\n")]),
        ("MarkdownV2", "*b", "Can't find end of Bold entity at byte offset 0"),
        ("MarkdownV2", "x ``` y", "Can't find end of Pre entity at byte offset 2"),
        (
            "MarkdownV2",
            "3.",
            "Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
    ],
)
def test_parse_mode(ask: Ask, chat: Chat, mode: str, text: str, said: object) -> None:
    """HTML and MarkdownV2 become entities, or are refused with the place of the fault."""
    answer = ask("sendMessage", text=text, parse_mode=mode)
    if isinstance(said, str):
        assert answer == bad(f"can't parse entities: {said}")
    else:
        assert chat.messages[-1].formats == said


BUTTON = "can't parse inline keyboard button: "


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ({"inline_keyboard": [[{"text": "A", "callback_data": "ä" * 32}]]}, OK),
        (
            {"inline_keyboard": [[{"text": "A", "callback_data": "ä" * 32 + "x"}]]},
            bad("BUTTON_DATA_INVALID"),
        ),
        ({"inline_keyboard": []}, OK),
        ({"inline_keyboard": [[]]}, bad(f"{BUTTON}a row must be non-empty")),
        (
            {"inline_keyboard": [{"text": "A"}]},
            bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'),
        ),
        (
            {"inline_keyboard": [[{"text": "A"}]]},
            bad(f"{BUTTON}Text buttons are unallowed in the inline keyboard"),
        ),
        (
            {"inline_keyboard": [[{"text": "A", "callback_data": "a", "url": "http://x"}]]},
            bad(f"{BUTTON}exactly one action is expected, found callback_data, url"),
        ),
        (
            {"inline_keyboard": [[{"text": " ", "callback_data": "a"}]]},
            bad("inline keyboard button text must be non-empty"),
        ),
        (
            {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]] * 101},
            bad("reply markup is too long"),
        ),
        ({"force_reply": True, "input_field_placeholder": "Your text"}, OK),
        ("{", bad("can't parse reply keyboard markup JSON object")),
        ("[]", bad("object expected as reply markup")),
    ],
)
def test_markup(ask: Ask, markup: object, said: str) -> None:
    """Buttons have a text, one action and at most 64 bytes of data."""
    answer = ask("sendMessage", text="x", reply_markup=markup)
    assert (answer if isinstance(answer, str) else OK) == said


def test_edit_and_delete(ask: Ask, telegram_server: TelegramServer, chat: Chat) -> None:
    """A bot edits its own messages with something new, and deletes what is there."""
    ada = telegram_server.user(501, "Ada")
    theirs = ada.say(chat, "hi").id
    group = telegram_server.group(-7, "Team", [ada])
    in_group = ada.say(group, "hi").id
    mine = ask("sendMessage", text="a")["message_id"]
    said = [
        ask("editMessageText", message_id=99, text="b"),
        ask("editMessageText", message_id=theirs, text="b"),
        ask("editMessageText", message_id=mine, text="x" * 4097),
        ask("editMessageText", message_id=mine, text="b", reply_markup={"force_reply": True}),
        ask("deleteMessage", message_id=99),
        ask("deleteMessage", chat_id=group.id, message_id=in_group),
        ask("deleteMessage", message_id=theirs),
        ask("sendMessage", text="r", reply_parameters={"message_id": theirs}),
    ]
    assert said == [
        bad("message to edit not found"),
        bad("message can't be edited"),
        bad("MESSAGE_TOO_LONG"),
        bad("inline keyboard expected"),
        bad("message to delete not found"),
        bad("message can't be deleted"),
        True,
        bad("message to be replied not found"),
    ]
    lenient = {"message_id": theirs, "allow_sending_without_reply": True}
    assert "reply_to_message" not in ask("sendMessage", text="r", reply_parameters=lenient)
    assert chat.messages[0].text == "a"
    assert not chat.messages[0].edited
    same = ask("editMessageText", message_id=mine, text="a")
    assert same.startswith(bad("message is not modified: specified new message content"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ({"command": "/a_1", "description": "x"}, True),
        ({"command": "A", "description": "x"}, bad("BOT_COMMAND_INVALID")),
        ({"command": "a" * 33, "description": "x"}, bad("command length must not exceed 32")),
        ({"command": "a", "description": " "}, bad("command description must be non-empty")),
        (
            {"command": "a", "description": "x" * 257},
            bad("command description length must not exceed 256"),
        ),
        ({"command": "a"}, bad("can't parse BotCommand: Can't find field \"description\"")),
    ],
)
def test_commands(ask: Ask, command: object, said: object) -> None:
    """A command is short, lower case, and has a description."""
    assert ask("setMyCommands", commands=[command]) == said


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"url": "http://x.org/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://x", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://x", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
def test_webhook(ask: Ask, params: dict[str, object], said: str) -> None:
    """A webhook is https (or on loopback), with a secret of certain characters."""
    assert ask("setWebhook", **params) == bad(said)


def test_dropping_and_choosing_updates(
    ask: Ask, telegram_server: TelegramServer, chat: Chat
) -> None:
    """Updates of kinds that were not asked for are not kept; a webhook may drop what waits."""
    ada = telegram_server.user(501, "Ada")
    assert ask("getUpdates", allowed_updates=["edited_message"]) == []
    ada.edit(ada.say(chat, "a"), "b")
    assert [set(update) for update in ask("getUpdates")] == [{"update_id", "edited_message"}]
    assert ask("deleteWebhook", drop_pending_updates=True) is True
    assert ask("getUpdates") == []


def test_draft_and_action(ask: Ask, telegram_server: TelegramServer) -> None:
    """Drafts go to private chats only; an action is one of the known ones."""
    group = telegram_server.group(-7, "Team", [telegram_server.user(501, "Ada")])
    assert ask("sendMessageDraft", chat_id=group.id, draft_id=1, text="x") == bad(
        "TEXTDRAFT_PEER_INVALID"
    )
    assert ask("sendChatAction", action="thinking") == bad("wrong parameter action in request")


def test_retry_after_is_told_twice(telegram_server: TelegramServer, chat: Chat) -> None:
    """A 429 carries its seconds in the description, the parameters and a header."""
    telegram_server.faults.flood("sendMessage", 7)
    url = f"{telegram_server.api_base}/bot{telegram_server.token}/sendMessage"
    answer = httpx.post(url, json={"chat_id": chat.id, "text": "x"})
    assert answer.headers["retry-after"] == "7"
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
