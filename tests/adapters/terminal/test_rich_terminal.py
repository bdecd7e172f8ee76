import asyncio
from pathlib import Path

from core.domain.erasable import Erasable
from core.domain.errors import StorageError
from core.ports.chat_surface import Progress, Step
from tests.adapters.terminal.desk import card, item, message
from tests.adapters.terminal.sitting import CTRL_C, CTRL_D, ENTER, ESCAPE, sitting


async def test_a_line_is_echoed_and_answered() -> None:
    """A message stays on the screen with its reply below it."""
    async with sitting() as person:
        await person.type("hello", ENTER)
        await person.until("you said hello")
        assert person.seen.index("> hello") < person.seen.index("you said hello")
        assert person.desk.lines == [("hello", "s1:1")]


async def test_commands_and_errors_print_at_once() -> None:
    """Output of a command, a refusal and a bug are each shown, and the session goes on."""
    async with sitting() as person:
        for line in ("/status", "/bad", "/boom", "hello"):
            await person.type(line, ENTER)
        await person.until("you said hello")
        assert "output of /status" in person.seen
        assert "✗ There is no command '/bad'" in person.seen
        assert "✗ That failed inside Equerry (RuntimeError): see the log." in person.seen
        assert "Traceback" not in person.seen


async def test_trouble_while_work_goes_on_is_told() -> None:
    """When the work cannot go on, its sentence is shown and nothing seems busy any more."""
    async with sitting() as person:
        person.desk.trouble = StorageError("The disk is full.")
        await person.type("hello", ENTER)
        await person.until("✗ The disk is full.")
        assert person.below == "> "


async def test_a_card_is_a_panel_with_keys_until_it_is_decided() -> None:
    """The open card stands above the input; decided, it is printed with its verdict, no keys."""
    async with sitting() as person:
        await person.type("mail bob", ENTER)
        await person.until("╭─ card CAB12CD04 ")
        assert " a  accept    e  edit    r  reject    w  why" in person.below
        await person.type("a")
        await person.until("✅ Accepted by you, 09:14")
        assert person.below == "> "
        printed = person.seen[person.seen.index("╭─ card CAB12CD04 ") :]
        assert "Send mail to bob@acme.com" in printed
        assert "reject" not in printed
        assert person.desk.decisions == [("CAB12CD04", "accept", None, None)]


async def test_a_card_that_was_edited_stays_where_keys_answer_it() -> None:
    """Its newest edit is drawn in its place, says that accepting means it, and is accepted."""
    async with sitting() as person:
        await person.type("mail bob", ENTER)
        await person.until("╭─ card CAB12CD04 ")
        drafted = card("CAB12CD04", draft=3, difference=("- subject: Invoice", "+ subject: Bill"))
        await person.desk.surface.update_card(drafted, "CAB12CD04")
        await person.until("+ subject: Bill")
        assert "Edited: accepting this card means the new text." in person.below
        assert " a  accept " in person.below
        await person.type("a")
        await person.until("✅ Accepted by you, 09:14")


async def test_enter_after_the_letter_acts_at_once() -> None:
    """Whoever types `a` and Enter does not wait, and no message `a` is sent."""
    async with sitting(grace=60) as person:
        await person.desk.ask(card())
        await person.type("a", ENTER)
        await person.until("✅ Accepted by you")
        assert person.desk.lines == []


async def test_a_message_that_begins_with_a_key_is_a_message() -> None:
    """`add a task`, typed or pasted, accepts nothing."""
    async with sitting(grace=60) as person:
        await person.desk.ask(card())
        await person.type("a", "d", "d", " a task", ENTER)
        await person.type("remind me at nine" + ENTER)
        await person.until("you said remind me")
        assert person.desk.decisions == []
        assert [line for line, _ in person.desk.lines] == ["add a task", "remind me at nine"]


async def test_a_key_that_was_taken_back_does_nothing() -> None:
    """Backspace in time disarms the key."""
    async with sitting(grace=0.2) as person:
        await person.desk.ask(card())
        await person.type("a", "\x7f")
        await asyncio.sleep(0.4)
        assert person.desk.decisions == []


async def test_keys_type_when_no_card_is_open() -> None:
    """Without a card the letters are letters."""
    async with sitting() as person:
        await person.type("w", ENTER)
        await person.until("you said w")


async def test_a_card_that_replaced_another_takes_no_key_at_first() -> None:
    """A key meant for the card before cannot hit the one that just appeared."""
    async with sitting() as person:
        await person.desk.ask(card("COLD"))
        await person.desk.ask(card("CNEW"))
        await person.type("a")
        await person.rest()
        assert person.desk.decisions == []


async def test_why_is_told_and_the_card_stays_open() -> None:
    """`w` explains and decides nothing."""
    async with sitting() as person:
        await person.desk.ask(card())
        await person.type("w")
        await person.until("because of CAB12CD34")
        assert "card CAB12CD34" in person.below


async def test_reject_takes_an_optional_reason() -> None:
    """`r` asks why; Enter alone gives none, Esc keeps the card."""
    async with sitting() as person:
        await person.desk.ask(card("C1"))
        await person.press("r", "Reason")
        await person.press(ESCAPE, "> ")
        assert person.desk.decisions == []
        await person.press("r", "Reason")
        await person.type("too early", ENTER)
        await person.until("❌ Rejected by you, 09:14 · too early")
        await person.desk.ask(card("C2"))
        await person.press("r", "Reason")
        await person.type(ENTER)
        await person.until("❌ Rejected by you, 09:14 │")
        assert [(name, reason) for name, _, _, reason in person.desk.decisions] == [
            ("C1", "too early"),
            ("C2", None),
        ]


async def test_a_decision_that_is_refused_brings_the_card_back() -> None:
    """An error is its sentence; a card that is still open can be answered again."""
    async with sitting() as person:
        await person.desk.ask(card("C1"))
        gone = person.desk.cards.pop("C1")
        await person.type("a")
        await person.until("✗ There is no open card 'C1'.")
        assert person.below == "> "
        await person.desk.ask(gone)
        await person.type("a")
        await person.until("✅ Accepted by you")


async def test_work_is_shown_while_it_goes_on() -> None:
    """Status and streamed text stand above the input and give way to the reply."""
    async with sitting() as person:
        await person.type("hello", ENTER)
        await person.until("you said hello")
        person.terminal.progress(Progress("terminal", "G2", status="planning"))
        person.terminal.progress(Progress("terminal", "G2", delta="Dear \x1b[31mBob"))
        assert "  Dear ␛[31mBob\n" in person.below
        assert " planning…" in person.below
        assert "working" in person.terminal._toolbar()
        steps = (Step("read", "done"), Step("write", "running"))
        person.terminal.progress(Progress("terminal", "G2", steps=steps))
        assert "1 of 2 done · planning…" in person.below
        person.terminal.progress(Progress("terminal", "G2"))
        assert "of 2 done" not in person.below
        await person.terminal.send(message("Dear Bob, done", goal="G2"))
        assert person.below == "> "


async def test_control_c_clears_the_line_and_control_d_leaves() -> None:
    """Neither ends in a traceback; open cards are told at the end."""
    async with sitting() as person:
        await person.desk.ask(card())
        await person.type("half a line", CTRL_C, "hello", ENTER)
        await person.until("you said hello")
        await person.type(CTRL_C, CTRL_D)
        await person.until("1 card waits for you until next time.")
        assert [line for line, _ in person.desk.lines] == ["hello"]


async def test_open_cards_of_an_earlier_session_are_there_at_the_start() -> None:
    """What waited while the program was down is drawn at once, the newest first."""
    async with sitting() as person:
        person.desk.cards = {name: card(name) for name in ("C1", "C2")}
        person.terminal._live.keep_only(
            await person.desk.open_cards(), person.terminal._clock.now()
        )
        assert "card C2" in person.below
        assert "2 cards open" in person.terminal._toolbar()


async def test_no_color_leaves_weight_and_words() -> None:
    """With NO_COLOR nothing printed or drawn sets a colour, and every word is still there."""
    async with sitting(environ={"NO_COLOR": "1"}) as person:
        await person.type("mail bob", ENTER)
        await person.until("card CAB12CD04")
        drawn = person.terminal._message().value
        await person.type("a")
        await person.until("✅ Accepted by you")
        for code in ("\x1b[3", "\x1b[9", ";3", "\x1b[4"):
            assert code not in drawn
            assert code not in person.raw
        assert "high · cannot be undone" in person.seen


async def test_colours_are_named_ones_and_never_black_or_white() -> None:
    """Only red, green and magenta are set, so that a light and a dark terminal both show them."""
    async with sitting() as person:
        await person.type("mail bob", ENTER)
        await person.until("card CAB12CD04")
        drawn = person.terminal._message().value + person.raw
        codes = {
            code
            for part in drawn.split("\x1b[")[1:]
            for code in part.split("m", 1)[0].split(";")
            if len(code) > 1
        }
        assert codes <= {"31", "32", "35"}


async def test_forty_columns_are_enough() -> None:
    """On a narrow terminal nothing is wider than the screen."""
    async with sitting(columns=40) as person:
        await person.type("mail bob", ENTER)
        await person.until("card CAB12CD04")
        assert max(map(len, person.below.splitlines())) <= 40
        assert "why" in person.below


async def test_the_card_fits_a_terminal_that_shrinks() -> None:
    """On few rows the middle gives way; title and keys stay."""
    async with sitting() as person:
        await person.desk.ask(card())
        person.output.rows = 12
        lines = person.below.splitlines()
        assert len(lines) <= 9
        assert "card CAB12CD34" in lines[0]
        assert " a  accept" in lines[-3]


async def test_history_is_private_and_comes_back(tmp_path: Path) -> None:
    """Lines are kept in a file of mode 0600, and the arrow key brings them back next time."""
    path = tmp_path / "terminal" / "history"
    async with sitting(history=path) as person:
        await person.type("hello", ENTER)
        await person.until("you said hello")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    async with sitting(history=path) as person:
        await person.rest()
        await person.type("\x1b[A", ENTER)
        await person.until("you said hello")


async def test_a_paste_of_several_lines_is_one_message() -> None:
    """Pasted lines are a quotation inside it, as anybody can see; typed line feeds are not."""
    async with sitting() as person:
        await person.desk.ask(card())
        await person.type("\x1b[200~a first\r\nsecond\x1b[201~", ENTER)
        await person.until("you said > a first")
        await person.type("see:", "\x1b[200~ab\ncd\n\x1b[201~", "thanks", ENTER)
        await person.until("you said see:")
        await person.type("\x1b[200~one line\x1b[201~", ENTER)
        await person.until("you said one line")
        await person.type("typed\x1b\rtwo", ENTER)
        await person.until("you said typed")
        assert [line for line, _ in person.desk.lines] == [
            "> a first\n> second",
            "see:\n> ab\n> cd\nthanks",
            "one line",
            "typed\ntwo",
        ]
        assert person.desk.decisions == []


async def test_a_card_that_is_longer_than_the_screen_is_printed_whole_before_a_key_counts() -> None:
    """Every recipient stands above the input line, and the panel says how much is only there."""
    people = [f"person{n}@example.com" for n in range(60)]
    args = Erasable.of({"to": people, "body": "x"}, "s")
    view = card(items=(item(args=args, control=("to",)),))
    async with sitting() as person:
        await person.desk.ask(view)
        assert all(f"to: {one}" in person.seen for one in people)
        assert "lines are not here: /why CAB12CD34" in person.below
