"""The front: which line goes to a command, a card, or intake."""

import pytest

from adapters.chat.plain import plain_card
from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from bot.commands.answer import WhichCardError
from bot.front import Front, Line
from bot.terminal import TerminalDesk
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.gates import CardExpired, CardOpened
from core.gates.decide import DecideCard, decide_card
from core.gates.views import card_view
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.plans import does, plan
from tests.scenarios.sitting import Sitting, sitting
from tests.scenarios.test_mail import WISH, with_mail
from tests.servers.smtp import SmtpServer


@pytest.mark.parametrize(
    "talk_line",
    ["why is the sky blue", "why goals matter", "accept my thanks", "rejection hurts", "editor?"],
)
async def test_talk_that_only_looks_like_an_answer_is_a_message(
    place: Place, talk_line: str
) -> None:
    """Only a whole line in the grammar of answers is one; the open card stays open."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say(talk_line)
        received = await talk.events("message.received.v1")
        assert received[-1].payload["text"]["value"] == talk_line
        assert not await talk.events("card.decided.v1")


@pytest.mark.parametrize("line", ["why", "Why?", "why {card}", "why {goal}", "/why {card}"])
async def test_why_in_words_tells_of_the_open_card(place: Place, line: str) -> None:
    """As the foot of a card says: bare it means the newest open card, or a given card or goal."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        card = talk.card
        await talk.say("hello")
        said = await talk.say(line.format(card=card.card, goal=card.goal))
        assert said.startswith(f"Why {card.goal}:")


async def test_a_bare_answer_means_the_only_open_card_of_its_conversation(place: Place) -> None:
    """Another conversation's card is not touched; of several Equerry asks which, by their names."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        other = Sitting(talk.app, "phone:7")
        await talk.say("note: one")
        first = talk.card.card
        await talk.say("note: two")
        second = talk.card.card
        await other.say("note: three")
        for line in ("accept", "yes", "reject", "reject: no", "edit", "edit text=x", "always"):
            asked = await talk.say(line)
            assert asked.startswith("Which card do you mean?")
            assert first in asked
            assert second in asked
        assert not await talk.events("card.decided.v1")
        await talk.say(f"accept {second}")
        assert place.note().read_text("utf-8") == "two\n"
        await talk.say("Yes!")
        assert "No card is open here" in await talk.say("accept")
        await other.say("ACCEPT.")
    assert place.note().read_text("utf-8") == "two\none\nthree\n"


async def test_among_a_thousand_open_cards_none_is_taken_for_the_only_one(place: Place) -> None:
    """However many are open, a bare answer decides nothing, and the names lead to each."""
    async with sitting(place) as talk:
        events = [
            NewEvent(
                stream=f"card:C{number:08d}",
                payload=CardOpened(
                    card=f"C{number:08d}",
                    kind="notice",
                    conversation=talk.conversation,
                    items=(),
                    title=Erasable.of(f"Number {number}"),
                    why=Erasable.of("because"),
                    route="inbox",
                ),
            )
            for number in range(1005)
        ]
        await talk.app.kernel.log.append(events)
        asked = await talk.say("accept")
        assert "C00001004  Number 1004" in asked
        assert "… and 996 more: /inbox" in asked
        assert len(await TerminalDesk(talk.app, Front(talk.app)).open_cards()) == 1005
        for event in events[:-1]:
            expired = CardExpired(
                card=event.stream.partition(":")[2], conversation=talk.conversation, reason="over"
            )
            await talk.app.kernel.log.append([NewEvent(stream=event.stream, payload=expired)])
        await talk.say("accept")
        (decided,) = await talk.events("card.decided.v1")
        assert decided.payload["card"] == "C00001004"


TALK = [
    "Edit the pricing page and tell me when it is online",
    "Reject Kim's proposal politely, please",
    "edit: see you at one",
    "accept with pleasure",
    "no",
    "yes, but later",
    "always up to you",
]


@pytest.mark.parametrize("line", TALK)
@pytest.mark.parametrize("edited", [False, True], ids=["new", "an edit of an old one"])
async def test_talk_with_a_mail_open_changes_and_sends_nothing(
    place: Place,
    smtp_server: SmtpServer,
    line: str,
    edited: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A sentence beside an open card is a message, whatever verb it begins with."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        old = "in:terminal:other" if edited else None
        await Front(talk.app).take(
            Line("terminal", "terminal", "owner", line, "talk:1", replaces=old)
        )
        await talk.app.engine.idle()
        kinds = {event.type for event in await talk.events()}
        assert not {"card.decided.v1", "card.drafted.v1"} & kinds
        assert (await talk.events("message.received.v1"))[-1].payload["text"]["value"] == line
    assert smtp_server.mails == []


@pytest.mark.parametrize("line", ["accept", "edit body=evil", "reject", "always", "edit", "yes"])
async def test_an_old_message_that_is_changed_decides_nothing(
    place: Place, smtp_server: SmtpServer, line: str
) -> None:
    """Also where it says, whole, what decides a card when it is new."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        await Front(talk.app).take(
            Line("terminal", "terminal", "owner", line, "e:1", replaces="in:terminal:x", card=None)
        )
        await talk.app.engine.idle()
        await talk.say("see you there")
        kinds = {event.type for event in await talk.events()}
        assert not {"card.decided.v1", "card.drafted.v1"} & kinds
    assert smtp_server.mails == []


@pytest.mark.parametrize(
    "lines",
    [
        ["edit body=New words"],
        ["edit", "New words"],
        ["EDIT Body=“New words”"],
        ["edit {card} body=New words"],
        ["bearbeiten body=New words"],
    ],
)
@pytest.mark.parametrize("accept", ["accept", "yes", "accept {card}", "always", "key", "decide"])
async def test_an_edit_of_what_cannot_be_undone_is_shown_and_waits(
    place: Place, smtp_server: SmtpServer, lines: list[str], accept: str
) -> None:
    """However it is written, it is a draft; however it is accepted then, that is what is sent."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        card = talk.card.card
        for line in lines:
            said = await talk.say(line.format(card=card))
        assert "+ body: New words" in said
        assert smtp_server.mails == []
        view, _ = talk.surface.updated[-1]
        assert view.state == "open"
        assert "+ body: New words" in view.difference
        if accept == "key":
            await TerminalDesk(talk.app, Front(talk.app)).decide(card, "accept", None, None)
        elif accept == "decide":
            await decide_card(talk.app.kernel, DecideCard(card, "accept", "owner", "cli", "t1"))
            await talk.app.engine.wake(talk.conversation)
        else:
            await talk.say(accept.format(card=card))
        await talk.app.engine.idle()
        (decided,) = await talk.events("card.decided.v1")
        assert decided.payload["verdict"] == "edit"
    (mail,) = smtp_server.mails
    assert mail.message.get_content().strip() == "New words"


async def test_the_newest_draft_stands_for_all_before_it(
    place: Place, smtp_server: SmtpServer
) -> None:
    """A second edit starts from what the card shows; after a restart the card still means it."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        await talk.say("edit subject=First body=Other words")
        said = await talk.say("edit to=eve@acme.com subject=Second")
        assert "+ subject: Second" in said
        assert "+ body: Other words" in said
        assert "First" not in said
        assert "That changes nothing" in await talk.say("edit subject=Second")
    async with sitting(place) as talk:
        card = (await talk.events("card.opened.v1"))[-1].payload["card"]
        view = await card_view(talk.app.kernel, card)
        assert "eve@acme.com" in view.title
        assert "eve@acme.com" in plain_card(view)
        assert "Other words" in plain_card(view)
        assert (await talk.app.kernel.log.verify()).problem is None
        before, after = await talk.app.kernel.log.rebuild()
        assert before == after
        await talk.say("accept")
    (mail,) = smtp_server.mails
    assert mail.recipients == ("eve@acme.com",)
    assert mail.message["Subject"] == "Second"
    assert mail.message.get_content().strip() == "Other words"


async def test_only_the_next_line_is_the_new_text(place: Place, smtp_server: SmtpServer) -> None:
    """A command, an answer or a text that is not valid ends it; what follows is a message."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        for line in ("/status", "to=nobody", "why"):
            await talk.say("edit")
            await talk.say(line)
            await talk.say("hello")
            assert not await talk.events("card.drafted.v1")
        assert len(await talk.events("message.received.v1")) == 4
        await talk.say("edit")
        assert "you rejected it: too dear" in await talk.say("reject: too dear")
    assert smtp_server.mails == []


async def test_items_of_a_list_are_taken_by_number(place: Place) -> None:
    """`accept 1,3` does these, the others are rejected, and the card and /why say so."""
    place.configure(**ASK_FOR_NOTES)
    notes = [does(f"t{n}", "note.append", {"text": f"line {n}"}) for n in (1, 2, 3)]
    async with sitting(place, Overrides(model=ScriptedModel([plan(*notes)]))) as talk:
        await talk.say("three notes")
        assert "The card has 3 item(s), so 4 names none" in await talk.say("accept 1,4")
        await talk.say("accept 1, 3.")
        view, _ = talk.surface.updated[-1]
        assert (view.verdict, view.note) == ("accept", "1, 3 of 3 only, the others rejected")
        failed = [event.payload["kind"] for event in await talk.events("task.failed.v1")]
        assert failed == ["rejected"]
        assert "not to 1 of its items" in await talk.say("/why")
        record = await talk.app.kernel.rows.get("record", "planner|note.append")
        assert record is not None
        assert (record.doc["accepted"], record.doc["decided"]) == (0, 1)
        before, after = await talk.app.kernel.log.rebuild()
        assert before == after
    assert sorted(place.note().read_text("utf-8").split()) == ["1", "3", "line", "line"]


async def test_an_edit_of_a_list_with_what_cannot_be_undone_waits(
    place: Place, smtp_server: SmtpServer
) -> None:
    """Editing its note would send its mail; drafts of its items stand side by side."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say("note: one; mail bob@acme.com about lunch: see you")
        assert [item.action for item in talk.card.items] == ["note.append", "mail.send"]
        await talk.say("edit 1.text=uno")
        said = await talk.say("edit body=Ciao")
        assert "+ text: uno" in said
        assert "+ body: Ciao" in said
        assert smtp_server.mails == []
        await talk.say("accept 2")
    assert not place.note().exists()
    (sent,) = smtp_server.mails
    assert sent.message.get_content().strip() == "Ciao"


async def test_always_in_words_obeys_what_the_button_obeys(place: Place) -> None:
    """What can be granted by no button is granted by no word, by name or not."""
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say("/undo")
        assert talk.card.kind == "undo"
        for line in ("always", f"always {talk.card.card}", "always 10 times"):
            assert "can be granted" in await talk.say(line)
        assert not await talk.events("card.decided.v1")
        assert not await talk.events("grant.given.v1")


async def test_a_card_that_nobody_has_seen_is_accepted_by_no_mere_word(place: Place) -> None:
    """One that is held back may be the only one that is open; it is named, and asked about."""
    async with sitting(place) as talk:
        opened = CardOpened(
            card="CAAAAAAA2",
            kind="notice",
            conversation="nowhere:1",
            items=(),
            title=Erasable.of("Held back"),
            why=Erasable.of("because"),
            route="inbox",
        )
        await talk.app.kernel.log.append([NewEvent(stream="card:CAAAAAAA2", payload=opened)])
        line = Line("nowhere", "nowhere:1", "owner", "yes", "y1")
        with pytest.raises(WhichCardError, match="CAAAAAAA2  Held back"):
            await Front(talk.app).take(line)
        assert not await talk.events("card.decided.v1")


async def test_a_yes_that_was_asked_for_as_a_text_is_the_text(
    place: Place, smtp_server: SmtpServer
) -> None:
    """After a bare `edit` it is what the mail shall say, not an accept of what it said before."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        await talk.say("edit")
        assert "+ body: Yes!" in await talk.say("Yes!")
        assert smtp_server.mails == []
        await talk.say("Yes!")
    (mail,) = smtp_server.mails
    assert mail.message.get_content().strip() == "Yes!"


async def test_an_edit_that_is_begun_ends_with_a_command(place: Place) -> None:
    """After `edit`, a slash command is a command; the text that follows it is a message again."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say("edit")
        assert "1 cards wait" in await talk.say("/status")
        await talk.say("hello")
        assert not await talk.events("card.decided.v1")


async def test_reject_with_words_and_no_card_is_talk(place: Place) -> None:
    """`reject the offer` without an open card is a wish of the owner."""
    async with sitting(place) as talk:
        await talk.say("reject the offer of Acme")
        assert len(await talk.events("message.received.v1")) == 1


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("Accept.", "accept"),
        ("accept!", "accept"),
        ("yes", "accept"),
        ("Yes.", "accept"),
        ("YES!", "accept"),
        ("ja", "accept"),
        ("Reject.", "reject"),
        ("reject: not today", "reject"),
        ("Reject: not today.", "reject"),
    ],
)
async def test_short_words_decide_the_only_open_card(place: Place, line: str, verdict: str) -> None:
    """End marks and case aside; with a second card open the same words ask which is meant."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say(line)
        (decided,) = await talk.events("card.decided.v1")
        assert decided.payload["verdict"] == verdict
        reason = decided.payload["reason"]
        assert bool(reason) == ("not today" in line)
        await talk.say("note: two")
        await talk.say("note: three")
        assert "Which card do you mean?" in await talk.say(line)
        assert len(await talk.events("card.decided.v1")) == 1
