"""What updates say."""

import pytest
from telegram import Update, User

from adapters.telegram.incoming import Incoming, Invited, Moved, Said, Tapped, read_update
from adapters.telegram.places import Place, number_in, place_of, read_receipt, receipt_of

ME = User(1, "Equerry", is_bot=True, username="equerry_bot")
ADA = {"id": 42, "is_bot": False, "first_name": "Ada", "last_name": "L", "username": "ada"}
PRIVATE = {"id": 42, "type": "private"}
GROUP = {"id": -1005, "type": "supergroup", "title": "Boat"}


def read(**update: object) -> Incoming | Moved | None:
    """Return what an update says."""
    made = Update.de_json({"update_id": 7, **update}, None)
    return read_update(made, ME)


def said(**message: object) -> Said:
    """Return what a message of Ada says."""
    whole = {"message_id": 5, "date": 1_700_000_000, "chat": PRIVATE, "from": ADA, **message}
    found = read(message=whole)
    assert isinstance(found, Said)
    return found


def test_a_message_in_private_is_addressed() -> None:
    """With its place, its sender and when it was sent."""
    found = said(text="hi")
    assert (found.update, found.message, found.text, found.addressed) == (7, 5, "hi", True)
    assert found.place.conversation == "telegram:42"
    assert found.person.told == "Ada L (@ada)"
    assert found.sent_at.year == 2023


@pytest.mark.parametrize(
    ("text", "addressed", "rest"),
    [
        ("what a day", False, "what a day"),
        ("@equerry_bot hi", True, "hi"),
        ("hey @Equerry_Bot, hi", True, "hey , hi"),
        ("/status@equerry_bot", True, "/status"),
        ("/status", False, "/status"),
        ("@equerry_bot2 hi", False, "@equerry_bot2 hi"),
        ("/STATUS@EQUERRY_BOT now", True, "/STATUS now"),
    ],
)
def test_in_a_group_the_name_addresses_it(text: str, addressed: bool, rest: str) -> None:  # noqa: FBT001 - a parameter
    """And is taken out of the text."""
    found = said(chat=GROUP, text=text)
    assert (found.addressed, found.text) == (addressed, rest)
    assert found.group_title == "Boat"


def test_an_answer_to_the_bot_addresses_it() -> None:
    """With the words it answers."""
    mine = {"message_id": 4, "date": 1, "chat": GROUP, "from": ME.to_dict(), "text": "Well?"}
    found = said(chat=GROUP, text="yes", reply_to_message=mine)
    assert (found.addressed, found.replied, found.replied_to) == (True, "Well?", 4)


def test_topics_and_threads_of_replies_are_places_of_their_own() -> None:
    """A topic, and a thread of replies by the message it grew from; a private chat is one."""
    alone = said(text="hi", message_thread_id=3)
    thread = said(chat=GROUP, text="hi", message_thread_id=3)
    topic = said(chat=GROUP, text="hi", message_thread_id=3, is_topic_message=True)
    assert alone.place == Place("42")
    assert thread.place == Place("-1005", root=3)
    assert topic.place == Place("-1005", 3)
    for place in (thread.place, topic.place, alone.place):
        assert place_of(place.conversation) == place
    assert topic.place.is_group


def test_taps_and_invitations() -> None:
    """A tap with its data, also on a message that is too old to be shown; joining, not leaving."""
    query = {"id": "9", "from": ADA, "chat_instance": "1", "data": "a:C1"}
    old = {"chat": PRIVATE, "message_id": 3, "date": 0}
    tapped = read(callback_query={**query, "message": old})
    assert isinstance(tapped, Tapped)
    assert (tapped.query, tapped.data, tapped.place, tapped.message) == (
        "9",
        "a:C1",
        Place("42"),
        3,
    )
    bot = ME.to_dict()
    for status, expected in (("member", Invited), ("left", type(None))):
        change = {
            "chat": GROUP,
            "from": ADA,
            "date": 1,
            "old_chat_member": {"status": "left", "user": bot},
            "new_chat_member": {"status": status, "user": bot},
        }
        assert isinstance(read(my_chat_member=change), expected)


@pytest.mark.parametrize(
    "more",
    [
        {"new_chat_members": [ADA]},
        {"left_chat_member": ADA},
        {"pinned_message": {"message_id": 3, "date": 1, "chat": GROUP, "text": "x"}},
        {"new_chat_title": "Ship"},
        {"text": "/status@other_bot"},
        {"text": "/status@equerry_bot2"},
        {"text": "hi", "from": {"id": 1_087_968_824, "is_bot": True, "first_name": "Group"}},
    ],
)
def test_what_nobody_says_to_it_is_nothing(more: dict[str, object]) -> None:
    """What happens in a chat, commands for other bots, administrators without a name."""
    mine = {"message_id": 4, "date": 1, "chat": GROUP, "from": ME.to_dict(), "text": "Well?"}
    for chat in (GROUP, PRIVATE):
        whole = {"message_id": 5, "date": 1, "chat": chat, "from": ADA, "reply_to_message": mine}
        assert read(message={**whole, **more}) is None


def test_what_is_said_for_a_chat_is_not_said_by_a_person() -> None:
    """A message in the name of a channel or group is that of a stranger, whoever is behind it."""
    channel = {"id": -1009, "type": "channel", "title": "News"}
    found = said(chat=GROUP, text="@equerry_bot hi", sender_chat=channel)
    assert (found.person.ident, found.person.name) == ("-1009", "News")


def test_what_comes_through_another_bot_is_as_forwarded() -> None:
    """The owner chose it, but that bot wrote it."""
    other = {"id": 9, "is_bot": True, "first_name": "Gif", "username": "gif"}
    assert said(text="x", via_bot=other).forwarded
    assert said(text="x", forward_date=9).forwarded
    assert not said(text="x").forwarded


def test_an_edit_is_another_message_of_the_same_name() -> None:
    """Two edits in one second are two; one that is told again is one."""
    whole = {"message_id": 5, "date": 9, "chat": PRIVATE, "from": ADA, "edit_date": 70}
    first, again, second = (
        read(edited_message={**whole, "text": text}) for text in ("hi", "hi", "ho")
    )
    assert isinstance(first, Said)
    assert isinstance(again, Said)
    assert isinstance(second, Said)
    assert first.name == second.name == said(date=9, text="x").name
    assert first.dedupe == again.dedupe
    assert first.dedupe != second.dedupe
    assert number_in(first.dedupe, "42") == 5


def test_a_group_that_moves_says_where() -> None:
    """And the message of the new chat, which says where from, is nothing more."""
    whole = {"message_id": 5, "date": 1, "chat": GROUP, "from": ADA}
    assert read(message={**whole, "migrate_to_chat_id": -1009}) == Moved(7, Place("-1005"), "-1009")
    assert read(message={**whole, "migrate_from_chat_id": -5}) is None


def test_what_is_not_for_it_is_nothing() -> None:
    """Posts of channels, other bots, kinds of updates that nobody knows."""
    other = {"message_id": 5, "date": 1, "chat": GROUP, "from": ME.to_dict(), "text": "x"}
    assert read(message=other) is None
    assert read(channel_post={"message_id": 5, "date": 1, "chat": GROUP, "text": "x"}) is None
    assert read(something_new={"a": 1}) is None


def test_receipts_are_read_back() -> None:
    """And a text that is none gives nothing."""
    assert read_receipt(receipt_of("-5", [1, 22])) == ("-5", [1, 22])
    for text in ("", "a receipt of long ago", "42:", ":7"):
        assert read_receipt(text) is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("blockquote", "🦊 note this\n> pay Kim\n> accept\nthanks"),
        ("expandable_blockquote", "🦊 note this\n> pay Kim\n> accept\nthanks"),
        ("pre", "🦊 note this\n```\npay Kim\naccept\n```\nthanks"),
        ("bold", "🦊 note this\npay Kim\naccept\nthanks"),
    ],
)
@pytest.mark.parametrize("where", ["text", "caption"])
def test_what_is_drawn_as_a_quotation_is_marked_as_one(kind: str, told: str, where: str) -> None:
    """By the places that Telegram counts in UTF-16, in a text and in a caption."""
    text = "🦊 note this\npay Kim\naccept\nthanks"
    entities = "entities" if where == "text" else "caption_entities"
    entity = {"type": kind, "offset": 13, "length": 14}
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    more = {} if where == "text" else {"photo": photo}
    assert said(**{where: text, entities: [entity], **more}).text == told


def test_a_quotation_inside_a_line_ends_it() -> None:
    """Own words before and behind it stay own words; a return inside it does not end it."""
    entity = {"type": "blockquote", "offset": 4, "length": 7}
    assert said(text="say pay\racc to Kim", entities=[entity]).text == "say \n> pay\n> acc\n to Kim"
    overlapping = [entity, {"type": "pre", "offset": 8, "length": 5}]
    assert "\nKim" not in said(text="say pay\nacc to Kim", entities=overlapping).text


def test_the_quoted_part_of_somebody_else_s_message_is_theirs() -> None:
    """It comes beside the text; that of the bot's own message is no news."""
    of = {"message_id": 3, "date": 1, "chat": PRIVATE, "text": "pay Kim now"}
    quote = {"text": "pay Kim", "position": 0}
    kim = {"id": 9, "is_bot": False, "first_name": "Kim"}
    theirs = said(text="note it", reply_to_message={**of, "from": kim}, quote=quote)
    assert (theirs.text, theirs.quotes) == ("note it", ("pay Kim",))
    mine = said(text="why?", reply_to_message={**of, "from": ME.to_dict()}, quote=quote)
    assert mine.quotes == ()
