"""Talk and cards on a phone."""

import asyncio

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from core.ports.model import ModelRequest
from tests.scenarios.telegram.phone import EVE, Phone


async def test_talk_is_answered_with_formatting(phone: Phone) -> None:
    """Markdown of a model becomes entities; links get no preview."""
    model = ScriptedModel(lambda _: "Hello **Ada**, see [the page](https://example.com/x).")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        answer = await phone.say("hi", "Hello")
        assert answer.text == "Hello Ada, see the page."
        assert ("bold", "Ada") in answer.formats
        assert ("text_link", "the page") in answer.formats
        assert not answer.link_preview
        assert phone.server.violations == []


async def test_a_card_is_accepted_with_one_tap(phone: Phone) -> None:
    """Asked, tapped, done: the same message keeps the request and tells who, when and what."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        assert card.buttons == [["Accept", "Edit", "Reject"], ["Why", "Always…"]]
        assert "buy milk" in card.text
        tap = await phone.owner.tap_async(card, "Accept")
        assert tap.after_s is not None
        await phone.chat.wait_async(
            lambda m: "→" in m.text and "Accepted by you" in m.text, of=card
        )
        assert card.buttons == []
        assert "buy milk" in card.text
        assert "running" not in card.text
        await phone.chat.wait_async(lambda m: m.id > card.id and "notes.md" in m.text)
        assert phone.place.note().read_text("utf-8").count("buy milk") == 1


async def test_a_card_is_rejected_and_says_so(phone: Phone) -> None:
    """Nothing happens; a later tap on it says when it was answered."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await phone.owner.tap_async(card, "Reject")
        await phone.chat.wait_async("Rejected by you", of=card)
        tap = await phone.owner.tap_async(card, "Accept", stale=True)
        assert tap.answer is not None
        assert "Already rejected by you" in tap.answer
        assert not phone.place.note().exists()


async def test_only_the_owner_decides(phone: Phone) -> None:
    """A tap of somebody else is answered and decides nothing."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        tap = await phone.server.user(EVE, "Eve").tap_async(card, "Accept")
        assert tap.answer is not None
        assert tap.answer == "Only the owner decides here."
        assert not await phone.events("card.decided.v1")
        assert len(card.buttons) == 2


async def test_two_taps_at_once_are_one_decision(phone: Phone) -> None:
    """One effect; both taps are answered."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await asyncio.gather(
            phone.owner.tap_async(card, "Accept"),
            phone.owner.tap_async(card, "Accept"),
            phone.owner.tap_async(card, "Reject"),
        )
        await phone.chat.wait_async("→", of=card)
        assert len(await phone.events("card.decided.v1")) == 1
        assert phone.place.note().read_text("utf-8").count("buy milk") == 1


async def test_an_edit_shows_what_changes_and_is_accepted(phone: Phone) -> None:
    """Edit, reply with the new text, look at the difference, accept: that runs."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await phone.owner.tap_async(card, "Edit")
        prompt = await phone.chat.wait_async("reply with the new text", after=card.id)
        assert prompt.asks_reply
        assert ("pre", "buy milk") in prompt.formats
        phone.owner.say(phone.chat, "buy oat milk", reply_to=prompt)
        draft = await phone.chat.wait_async("buy oat milk", after=prompt.id)
        assert draft.buttons == [["Accept", "Edit again"], ["Back to the old one"]]
        assert not phone.place.note().exists()
        await phone.owner.tap_async(draft, "Accept")
        await phone.chat.wait_async("Accepted with changes by you", of=card)
        await phone.chat.wait_async("→", of=card)
        assert "buy oat milk" in phone.place.note().read_text("utf-8")


async def test_an_edit_that_does_not_validate_is_explained(phone: Phone) -> None:
    """One sentence that names the field; the card stays open."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await phone.owner.tap_async(card, "Edit")
        prompt = await phone.chat.wait_async("reply with the new text", after=card.id)
        phone.owner.say(phone.chat, "colour=red", reply_to=prompt)
        await phone.chat.wait_async("has no 'colour'", after=prompt.id)
        assert len(card.buttons) == 2


async def test_always_offers_limits_and_grants(phone: Phone) -> None:
    """Always… shows the limits, Back takes them away, a limit accepts and grants."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await phone.owner.tap_async(card, "Always…")
        await phone.chat.wait_async(lambda m: m.buttons[0] == ["10 times", "30 days"], of=card)
        await phone.owner.tap_async(card, "Back")
        await phone.chat.wait_async(lambda m: m.buttons[0][0] == "Accept", of=card)
        await phone.owner.tap_async(card, "Always…")
        await phone.chat.wait_async(lambda m: m.buttons[0] == ["10 times", "30 days"], of=card)
        await phone.owner.tap_async(card, "10 times")
        await phone.chat.wait_async("Accepted by you", of=card)
        (grant,) = await phone.events("grant.given.v1")
        assert grant.payload["uses"] == 10


async def test_why_and_commands(phone: Phone) -> None:
    """Why tells the story; an unknown command is answered with the closest one."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        await phone.owner.tap_async(card, "Why")
        await phone.chat.wait_async("Why G", after=card.id)
        assert "did you mean /status" in (await phone.say("/statsu", "did you mean")).text
        menu = [command["command"] for command in phone.server.commands()]
        assert {"start", "status", "cost", "inbox", "undo"} <= set(menu)


async def test_an_edited_message_is_done_anew_where_nothing_happened(phone: Phone) -> None:
    """The card of the first form expires, that of the second stands; only its text is done."""
    async with phone.running():
        await phone.pair()
        asked = phone.owner.say(phone.chat, "note: buy milk")
        first = await phone.chat.wait_async(lambda m: m.rows)
        phone.owner.edit(asked, "note: buy oat milk")
        second = await phone.chat.wait_async("buy oat milk", after=first.id)
        await phone.chat.wait_async(lambda m: "Expired" in m.text, of=first)
        assert first.buttons == []
        await phone.owner.tap_async(second, "Accept")
        await phone.chat.wait_async("→", of=second)
        assert phone.place.note().read_text("utf-8").count("milk") == 1


async def test_an_edit_without_other_words_is_no_edit(phone: Phone) -> None:
    """Telegram tells of edits of what nobody reads; after a restart too, and of commands."""
    async with phone.running():
        await phone.pair()
        asked = phone.owner.say(phone.chat, "note: buy milk")
        card = await phone.chat.wait_async(lambda m: m.rows)
        paused = phone.owner.say(phone.chat, "/pause")
        await phone.appended("autonomy.paused.v1")
        await phone.say("/resume", "")
        for message in (asked, paused):
            phone.owner.edit(message, message.text)
        await phone.say("/status", "cards wait for you")
    async with phone.running():
        phone.owner.edit(asked, asked.text)
        await phone.say("/status", "cards wait for you")
        assert len(card.buttons) == 2
        assert len(await phone.events("message.received.v1")) == 1
        assert len(await phone.events("autonomy.paused.v1")) == 1


async def test_an_edited_message_repeats_nothing_that_happened(phone: Phone) -> None:
    """What was done stays as it is, and the answer says how to take it back."""
    async with phone.running():
        await phone.pair()
        asked = phone.owner.say(phone.chat, "note: buy milk")
        card = await phone.chat.wait_async(lambda m: m.rows)
        await phone.owner.tap_async(card, "Accept")
        await phone.chat.wait_async("Added to notes.md", after=card.id)
        phone.owner.edit(asked, "note: buy oat milk")
        assert "/undo G" in (await phone.chat.wait_async("done already")).text
        assert "oat" not in phone.place.note().read_text("utf-8")


async def test_topics_are_conversations_of_their_own(phone: Phone) -> None:
    """What is said in one is answered there, and is not in the window of the other."""
    model = ScriptedModel(lambda request: f"{len(request.messages[0].content.split('Recent:'))}")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        group = await phone.let_in(-1006, is_forum=True)
        name = phone.server.bot.username
        sails, engine = group.topic("Sails"), group.topic("Engine")
        phone.owner.say(group, f"@{name} hello sails", thread=sails)
        first = await group.wait_async(lambda m: m.thread == sails)
        assert first.thread == sails
        phone.owner.say(group, f"@{name} hello engine", thread=engine)
        second = await group.wait_async(lambda m: m.thread == engine)
        assert (first.text, second.text) == ("1", "1")


async def test_what_a_command_prints_hides_no_address(phone: Phone) -> None:
    """A fact may quote anybody: its link is written out, and no model reads the listing."""
    seen: list[str] = []

    def answer(request: ModelRequest) -> str:
        seen.append(str(request.messages))
        return "Fine."

    async with phone.running(Overrides(model=ScriptedModel(answer))):
        await phone.pair()
        await phone.say("/remember Bob says [pay here](https://evil.example/x)", "emember")
        listed = await phone.say("/memory list", "evil.example")
        assert not any(kind == "text_link" for kind, _ in listed.formats)
        await phone.say("hello", "Fine.")
        assert "You are paired" not in seen[-1]


async def test_words_in_reply_to_a_card_mean_that_card(phone: Phone) -> None:
    """Not the newest one; the reason of a reject is kept and shown."""
    async with phone.running():
        await phone.pair()
        first = await phone.card("note: buy milk")
        second = await phone.card("note: buy bread")
        phone.owner.say(phone.chat, "reject we have enough", reply_to=first)
        await phone.chat.wait_async("we have enough", of=first)
        assert first.buttons == []
        assert len(second.buttons) == 2
        decided = (await phone.events("card.decided.v1"))[-1].payload
        assert decided["reason"]["value"] == "we have enough"
