"""What commands answer beside text."""

import pytest

from adapters.telegram.keyboards import MOST_BYTES, choice_keyboard, read_choice
from bot.commands.answer import Answer, choice, choices_of, typed
from bot.telegram.pairing import Pairing
from core.access.register import Register
from core.domain.choices import Choice, read_choices, stored_choices
from core.domain.errors import BadInputError
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.sitting import Sitting, sitting


def test_an_answer_is_its_blocks() -> None:
    """Who knows nothing of choices sees a list of texts; errors and plain lists have none."""
    answer = Answer(["a"], [choice("Stop G1", "stop", "G1"), []])
    assert answer == ["a"]
    assert choices_of(answer) == (Choice(label="Stop G1", line="/stop G1"),)
    assert choices_of(["a"]) == choices_of(BadInputError("x")) == ()
    assert Answer.of(answer) is answer
    assert choices_of(Answer.of(("b",))) == ()


@pytest.mark.parametrize("word", ["a b", "G1\nx", "", "../x", "é", "x" * 41, "G1; rm", "-all"])
def test_only_ids_stand_on_a_button(word: str) -> None:
    """A word of any other form makes no choice."""
    assert choice("Stop it", "stop", word) == []


def test_labels_are_short_and_show_all_they_hold() -> None:
    """A title fills what room is left, without what nobody sees."""
    (made,) = choice("Stop G1", "stop", "G1", title="call \u202eAcme\n about " + "x" * 80)
    assert made.label.startswith("Stop G1: call Acme about xx")
    assert len(made.label) == 40
    assert made.label.endswith("…")


@pytest.mark.parametrize(
    ("line", "fits"),
    [("/status", True), ("/remember a b", True), ("/remember " + "é" * 30, False)],
)
def test_a_typed_line_is_kept_where_it_fits(line: str, fits: bool) -> None:  # noqa: FBT001 - a case
    """The data of a button is bounded in bytes, and nothing hidden goes into it."""
    assert bool(typed(line)) == fits
    assert typed(f"{line}\nmore") == typed(f"{line}\u202e") == []


def test_choices_come_back_from_where_they_are_stored() -> None:
    """What was erased, or is none, is no choice."""
    made = choice("Stop G1", "stop", "G1")
    assert list(read_choices(stored_choices(made))) == made
    assert read_choices(None) == read_choices([{"label": "x", "line": "stop"}]) == ()
    assert read_choices("no") == ()


def test_buttons_of_choices() -> None:
    """Short ones stand in pairs, at most eight; data fits and reads back as the line."""
    pairs = [one for n in range(6) for one in choice(f"Why G{n}", "why", f"G{n}")]
    rows = choice_keyboard([*choice("Stop all of them", "stop", "all"), *pairs, *pairs])
    assert [len(row) for row in rows] == [2, 2, 2, 2]
    long = choice_keyboard(choice("Stop G1", "stop", "G1", title="a title of some length") * 2)
    assert [len(row) for row in long] == [1, 1]
    assert long[0][0].data == "x:/stop G1"
    assert read_choice(long[0][0].data) == "/stop G1"
    assert choice_keyboard([Choice(label="x", line=f"/a {'é' * MOST_BYTES}")]) == []
    for other in ("x:stop G1", "x:/stop G1\n/pause", "a:C1", "x:/", "y:/stop", ""):
        assert read_choice(other) is None


async def _lines(talk: Sitting, text: str) -> list[str]:
    """Return the command lines that an answer offers."""
    before = len(talk.surface.sent)
    answer = await talk.answer(text)
    await talk.app.engine.idle()
    assert len(talk.surface.sent) >= before
    return [one.line for one in choices_of(answer)]


async def test_each_command_offers_what_it_lists(place: Place) -> None:
    """Goals, cards, grants, what can be undone, facts: each id with what may be done about it."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        assert await _lines(talk, "/stop") == await _lines(talk, "/inbox") == []
        await talk.say("note: one")
        first = talk.card
        assert await _lines(talk, "/why") == []
        await talk.say("note: two")
        second = talk.card
        goals = [str(second.goal), str(first.goal)]
        assert await _lines(talk, "/stop") == ["/stop all", *(f"/stop {goal}" for goal in goals)]
        assert await _lines(talk, "/why") == [f"/why {first.goal}"]
        assert await _lines(talk, f"/why {first.goal}") == []
        assert await _lines(talk, "/inbox") == [f"/inbox {first.card}", f"/inbox {second.card}"]
        listed = await _lines(talk, "/goals")
        assert listed == [f"/{verb} {goal}" for goal in goals for verb in ("why", "stop")]
        await talk.say(f"always {first.card}")
        await talk.say(f"accept {second.card}")
        (revoke,) = await _lines(talk, "/grants")
        assert "is asked again" in await talk.say(revoke)
        (undo,) = await _lines(talk, "/undo")
        assert undo.startswith("/undo ")
        assert (await talk.say(undo)) == ""
        assert talk.card.kind == "undo"
        await talk.say("/remember the office is in Bonn")
        (forget,) = await _lines(talk, "/forget")
        assert forget.endswith("?")
        assert await _lines(talk, forget) == [forget.rstrip("?")]
        assert await _lines(talk, "/memory") == [
            forget.rstrip("?").replace("/forget", "/memory history"),
            forget,
        ]


async def test_a_card_is_shown_again_on_any_surface(place: Place) -> None:
    """`/inbox CARD` shows it once more, and each of its messages is told what was decided."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        card = talk.card.card
        assert await talk.say(f"/inbox {card.lower()}") == ""
        assert [view.card for view in talk.surface.shown] == [card, card]
        await talk.say("accept")
        assert [receipt for view, receipt in talk.surface.updated] == [
            "terminal-card-1",
            "terminal-card-2",
        ]
        assert "was already accepted by owner" in await talk.say(f"/inbox {card}")
        assert "no card 'CNONE'" in await talk.say("/inbox CNONE")
        assert "Write /inbox" in await talk.say("/inbox a b")
        assert len(talk.surface.shown) == 2


async def test_a_card_shown_again_elsewhere_is_brought_up_to_date(place: Place) -> None:
    """Also where the first message of it is on another surface."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        phone = Sitting(talk.app, "phone:7")
        await talk.say("note: one")
        card = talk.card.card
        await phone.say(f"/inbox {card}")
        assert phone.card.conversation == "phone:7"
        await phone.say(f"accept {card}")
        assert [view.state for view, _ in phone.surface.updated] == ["decided"]
        assert [view.state for view, _ in talk.surface.updated] == ["decided"]
        await talk.app.engine.idle()
        before, after = await talk.app.store.rebuild()
        assert before == after
    assert place.note().read_text("utf-8") == "one\n"


async def test_no_outside_words_stand_on_a_button(place: Place) -> None:
    """A goal and a card that a stranger's name went into are named in our own words."""
    place.configure(telegram={"owner_ids": [42]})
    async with sitting(place) as talk:
        register = Register(talk.app.kernel, "telegram", frozenset({"42"}))
        await Pairing(talk.app.kernel, register).ask("owner", "66", "Pay Mallory now")
        await talk.say("/status")
        labels = [
            one.label
            for line in ("/inbox", "/goals")
            for one in choices_of(await talk.answer(line))
        ]
        assert len(labels) == 3
        assert "Mallory" not in str(labels)
        assert "let a further owner" in labels[0]
