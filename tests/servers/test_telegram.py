"""The emulated Telegram, as the real library python-telegram-bot meets it."""

import asyncio
import time

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest, Conflict, Forbidden
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from tests.pictures import png
from tests.servers.telegram import Chat, TelegramServer, User
from tests.servers.telegram.library import make_bot

PNG = png(640, 480)
CARD = InlineKeyboardMarkup([[InlineKeyboardButton("Accept", callback_data="c7:y")]])


async def test_updates_stay_until_confirmed(
    telegram_server: TelegramServer, bot: Bot, ada: User
) -> None:
    """What a person writes queues while no bot polls, and is told until an offset confirms it."""
    chat = telegram_server.private(ada)
    ada.say(chat, "/start CODE")
    ada.say(chat, "second")
    told = [await bot.get_updates(timeout=1) for _ in range(2)]
    assert [[u.update_id for u in one] for one in told] == [[700001, 700002]] * 2
    assert told[0][0].message is not None
    assert told[0][0].message.parse_entities() == {
        MessageEntity(MessageEntity.BOT_COMMAND, 0, 6): "/start"
    }
    rest = await bot.get_updates(offset=700002)
    assert [u.message.text for u in rest if u.message] == ["second"]
    assert len(telegram_server.updates.pending) == 1


async def test_poll_waits(telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat) -> None:
    """A long poll is answered as soon as there is something, and empty after its timeout."""
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await telegram_server.wait_async(lambda: telegram_server.calls_of("getUpdates"))
    began = time.monotonic()
    ada.say(chat, "now")
    assert [u.message.text for u in await poll if u.message] == ["now"]
    assert time.monotonic() - began < 30
    assert await bot.get_updates(offset=-1, timeout=0)
    assert await bot.get_updates(offset=700002, timeout=1) == ()


async def test_second_poll_ends_the_first(telegram_server: TelegramServer, bot: Bot) -> None:
    """Two pollers on one token: the earlier one gets a 409 that names the reason."""
    async with make_bot(telegram_server) as other:
        first = asyncio.create_task(bot.get_updates(timeout=10))
        await telegram_server.wait_async(lambda: telegram_server.calls_of("getUpdates"))
        second = asyncio.create_task(other.get_updates(timeout=1))
        with pytest.raises(Conflict, match="only one bot instance is running"):
            await first
        assert await second == ()


async def test_repeated_update(
    telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat
) -> None:
    """An update can be told again after it was confirmed, once."""
    ada.say(chat, "once")
    [update] = await bot.get_updates()
    assert await bot.get_updates(offset=update.update_id + 1) == ()
    telegram_server.repeat_update(update.to_dict())
    [again] = await bot.get_updates(offset=update.update_id + 1)
    assert again.update_id == update.update_id
    assert await bot.get_updates(offset=update.update_id + 1) == ()


async def test_message_as_it_is_seen(bot: Bot, ada: User, chat: Chat) -> None:
    """The chat shows text, formats, buttons, silence, preview and what is replied to."""
    asked = ada.say(chat, "hello")
    sent = await bot.send_message(
        chat.id,
        "😀 bold",
        entities=[MessageEntity(MessageEntity.BOLD, 3, 4)],
        reply_markup=CARD,
        disable_notification=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(asked.id),
    )
    shown = chat.wait("bold")
    assert (shown.id, shown.formats, shown.buttons) == (
        sent.message_id,
        [("bold", "bold")],
        [["Accept"]],
    )
    assert (shown.silent, shown.link_preview, shown.reply_to, shown.edited) == (
        True,
        False,
        asked,
        False,
    )
    await bot.edit_message_text("done <b>now</b>", chat.id, sent.message_id, parse_mode="HTML")
    assert (shown.text, shown.formats, shown.buttons) == ("done now", [("bold", "now")], [])
    assert shown.edited
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("done <b>now</b>", chat.id, sent.message_id, parse_mode="HTML")
    await bot.delete_message(chat.id, sent.message_id)
    assert chat.from_bot == []


async def test_tap(telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat) -> None:
    """A tap is answered once and in time; the test learns what was said and how fast."""
    await bot.send_message(chat.id, "Send it?", reply_markup=CARD)
    card = chat.wait("Send it?")
    with pytest.raises(LookupError):
        ada.tap(card, "Reject")
    tap = ada.tap(card, "Accept", wait_s=0)
    [update] = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "c7:y"
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(tap.id, "x" * 201)
    await bot.answer_callback_query(tap.id, "Accepted", show_alert=True)
    assert (tap.answered, tap.answer, tap.alert) == (True, "Accepted", True)
    assert tap.after_s is not None
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(tap.id)
    telegram_server.state.tap_window_s = 0.01
    late = ada.tap(card, "c7:y", wait_s=0)
    await asyncio.sleep(0.02)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(late.id)
    await bot.edit_message_reply_markup(chat.id, card.id)
    assert ada.tap(card, "Accept", stale=True, wait_s=0).data == "c7:y"
    with pytest.raises(TimeoutError):
        await ada.tap_async(card, "Accept", stale=True, wait_s=0.05)


async def test_files(telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat) -> None:
    """Files go both ways, byte for byte, with captions."""
    data = bytes(range(256)) * 5 + b"\r\n--x\r\n"
    ada.send_document(chat, "a.bin", data, "see this")
    ada.send_photo(chat, "p.png", PNG)
    ada.send_voice(chat, "v.ogg", b"OggS")
    document, photo, voice = [u.message for u in await bot.get_updates()]
    assert document is not None
    assert document.document is not None
    assert (document.caption, document.document.file_name) == ("see this", "a.bin")
    assert bytes(await (await bot.get_file(document.document)).download_as_bytearray()) == data
    assert photo is not None
    assert (photo.photo[-1].width, photo.photo[-1].height) == (640, 480)
    assert (await bot.get_file(photo.photo[0])).file_size == len(PNG)
    assert voice is not None
    assert voice.voice is not None
    await bot.send_document(
        chat.id, InputFile(data, "out.bin"), caption="<i>out</i>", parse_mode="HTML"
    )
    await bot.send_photo(chat.id, PNG, caption="chart")
    shown = chat.wait("out").file
    assert shown is not None
    assert (shown.name, shown.data) == ("out.bin", data)
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(chat.id, b"no picture")
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(chat.id, PNG, caption="x" * 1025)
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.get_file("unknown")
    telegram_server.state.store("document", "big.bin", b"\0" * (20 << 20) + b"\0")
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(list(telegram_server.state.files)[-1])


async def test_edit_forward_and_reply(bot: Bot, ada: User, chat: Chat) -> None:
    """Edited, forwarded and replying messages are told as such."""
    first = ada.say(chat, "draft")
    ada.edit(first, "final")
    ada.forward(chat, "from elsewhere", author="Somebody")
    await bot.send_message(chat.id, "Your text?", reply_markup=ForceReply(selective=True))
    question = chat.wait("Your text?")
    assert question.asks_reply
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("other", chat.id, question.id)
    ada.say(chat, "mine", reply_to=question)
    updates = await bot.get_updates()
    assert updates[1].edited_message is not None
    assert updates[1].edited_message.text == "final"
    assert updates[2].message is not None
    assert updates[2].message.forward_origin is not None
    reply = updates[3].message
    assert reply is not None
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.text == "Your text?"


async def test_blocked_and_kicked(
    telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat
) -> None:
    """Where the bot is not wanted, or was never asked, it gets a 403 with the reason."""
    bob = telegram_server.user(502, "Bob")
    stranger = telegram_server.private(bob)
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(stranger.id, "hi")
    ada.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(chat.id, "hi")
    ada.unblock()
    await bot.send_message(chat.id, "hi")
    group = telegram_server.group(-1001, "Team", [ada, bob])
    group.kick_bot(ada)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "hi")
    changes = [u.my_chat_member for u in await bot.get_updates()]
    told = [change.new_chat_member.status for change in changes if change]
    assert told == ["kicked", "member", "member", "kicked"]
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(999, "hi")


async def test_topics_and_privacy(telegram_server: TelegramServer, bot: Bot, ada: User) -> None:
    """A forum has topics that must exist; in privacy mode only what means the bot is told."""
    telegram_server.state.privacy = True
    group = telegram_server.group(-1002, "Forum", [ada], is_forum=True)
    topic = group.topic("Plans")
    ada.say(group, "not for you", thread=topic)
    asked = ada.say(group, "@equerry_bot hi", thread=topic)
    told = [u.message for u in await bot.get_updates() if u.message]
    assert [(m.text, m.message_thread_id) for m in told] == [("@equerry_bot hi", topic)]
    await bot.send_message(group.id, "hello", reply_parameters=ReplyParameters(asked.id))
    assert group.wait("hello").thread == topic
    for wrong in (1, 99):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(group.id, "hello", message_thread_id=wrong)


async def test_menu_and_actions(telegram_server: TelegramServer, bot: Bot, chat: Chat) -> None:
    """The menu is kept and bounded; typing and drafts are seen, and are no messages."""
    await bot.set_my_commands([BotCommand("status", "How it stands")])
    assert telegram_server.commands() == [{"command": "status", "description": "How it stands"}]
    assert [c.command for c in await bot.get_my_commands()] == ["status"]
    with pytest.raises(BadRequest, match="Bot_commands_too_much"):
        await bot.set_my_commands([BotCommand(f"c{n}", "x") for n in range(101)])
    await bot.send_chat_action(chat.id, "typing")
    await bot.send_message_draft(chat.id, 1, "half a sen")
    assert [(a.kind, a.text) for a in chat.actions] == [("typing", ""), ("draft", "half a sen")]
    assert chat.messages == []
    assert (await bot.get_me()).username == "equerry_bot"
    assert (await bot.get_chat(chat.id)).first_name == "Ada"
    assert (await bot.get_chat_member(chat.id, chat.id)).status == "member"
    await bot.set_my_commands([BotCommand("b", "In groups")], scope=BotCommandScopeAllGroupChats())
    assert [c["command"] for c in telegram_server.commands()] == ["status"]


async def test_whole_application(telegram_server: TelegramServer, ada: User, chat: Chat) -> None:
    """The library's own application polls, answers and takes taps, driven as a user would."""
    app = Application.builder().bot(make_bot(telegram_server)).build()

    async def on_text(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        await context.bot.send_message(chat.id, "card", reply_markup=CARD)

    async def on_tap(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query  # type: ignore[attr-defined]
        await query.answer("ok")
        await query.edit_message_text("✅ card")

    app.add_handler(MessageHandler(filters.TEXT, on_text))
    app.add_handler(CallbackQueryHandler(on_tap))
    async with app:
        assert app.updater is not None
        await app.updater.start_polling(poll_interval=0, timeout=5)
        await app.start()
        ada.say(chat, "go")
        card = await chat.wait_async("card")
        tap = await ada.tap_async(card, "Accept")
        assert (tap.answer, tap.after_s is not None and tap.after_s < 1) == ("ok", True)
        await chat.wait_async("✅ card", of=card)
        await app.updater.stop()
        await app.stop()
    assert telegram_server.updates.pending == []
    assert telegram_server.violations == []
