"""What updates say."""

import pytest
from telegram import Update, User

from adapters.telegram.incoming import Incoming, Invited, Said, Tapped, read_update
from adapters.telegram.places import Place, place_of, read_receipt, receipt_of

ME = User(1, "Equerry", is_bot=True, username="equerry_bot")
ADA = {"id": 42, "is_bot": False, "first_name": "Ada", "last_name": "L", "username": "ada"}
PRIVATE = {"id": 42, "type": "private"}
GROUP = {"id": -1005, "type": "supergroup", "title": "Boat"}


def read(**update: object) -> Incoming | None:
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


def test_only_a_topic_is_a_place_of_its_own() -> None:
    """A thread of replies in a plain group is not: no message can be sent into one."""
    thread = said(chat=GROUP, text="hi", message_thread_id=3)
    topic = said(chat=GROUP, text="hi", message_thread_id=3, is_topic_message=True)
    assert thread.place == Place("-1005")
    assert topic.place == Place("-1005", 3)
    assert place_of(topic.place.conversation) == topic.place
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
