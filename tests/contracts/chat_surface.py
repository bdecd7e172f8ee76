"""What every chat surface keeps to; a test module subclasses this and gives the two fixtures."""

from collections.abc import Callable

from core.domain.choices import Choice
from core.domain.erasable import Erasable
from core.ports.chat_surface import ChatSurface, Progress, Step
from tests.adapters.terminal.desk import card, enclosure, item, message
from tests.pictures import png

Shown = Callable[[], str]


class ChatSurfaceContract:
    """`surface` is the surface under test, `shown` returns all text a person has seen so far."""

    async def test_it_names_its_channel(self, surface: ChatSurface) -> None:
        """A channel is a short word."""
        assert surface.channel.isidentifier()

    async def test_a_message_is_seen_and_has_a_receipt(
        self, surface: ChatSurface, shown: Shown
    ) -> None:
        """What was sent can be read, and the receipt can be stored."""
        receipt = await surface.send(message("the answer is 42"))
        assert isinstance(receipt, str)
        assert "the answer is 42" in shown()

    async def test_choices_take_nothing_from_a_message(
        self, surface: ChatSurface, shown: Shown
    ) -> None:
        """Whether there are buttons or not, the text is seen; one that fits on none is left out."""
        choices = (
            Choice(label="Stop G15", line="/stop G15"),
            Choice(label="x" * 40, line=f"/remember {'x' * 200}"),
        )
        await surface.send(message("which of the two?", choices=choices))
        assert "which of the two?" in shown()

    async def test_the_same_message_may_be_sent_again(
        self, surface: ChatSurface, shown: Shown
    ) -> None:
        """After a crash a message may come twice; both are delivered."""
        await surface.send(message("forty-two"))
        await surface.send(message("forty-two", repeat=True))
        assert shown().count("forty-two") == 2

    async def test_a_message_brings_its_files(self, surface: ChatSurface, shown: Shown) -> None:
        """The text is read and each file is there, or is named; a receipt covers it all."""
        files = (enclosure("spend.png", png(40, 30)), enclosure("offers.pdf", b"%PDF-1.7 offers"))
        receipt = await surface.send(message("two files", files=files))
        assert isinstance(receipt, str)
        assert "two files" in shown()
        assert shown().index("spend.png") < shown().index("offers.pdf")

    async def test_a_hostile_name_of_a_file_is_delivered(
        self, surface: ChatSurface, shown: Shown
    ) -> None:
        """Paths, control characters and a name without end hold nothing up and are not obeyed."""
        for name in ("../../etc/x\x1b[2J\u202egnp.exe", 'a\r\nb".txt', "x" * 3000, "\ud800"):
            await surface.send(message("a file", files=(enclosure(name, b"data"),)))
        assert not {"\u202e", "\ud800"} & set(shown())

    async def test_a_card_is_seen_and_then_its_verdict(
        self, surface: ChatSurface, shown: Shown
    ) -> None:
        """The receipt of a card is what changes it; the request stays readable."""
        view = card()
        receipt = await surface.show_card(view)
        assert view.title in shown()
        decided = {"state": "decided", "verdict": "reject", "decided_by": "owner", "note": "late"}
        await surface.update_card(view.model_copy(update=decided), receipt)
        assert "late" in shown()
        assert view.title in shown()

    async def test_a_card_of_an_earlier_process_can_be_rewritten(
        self, surface: ChatSurface
    ) -> None:
        """After a restart a card that this surface never showed may be decided."""
        view = card(state="expired", note="the goal was stopped")
        await surface.update_card(view, "a receipt of long ago")

    async def test_progress_never_fails(self, surface: ChatSurface) -> None:
        """Progress of goals nobody knows may be dropped, never raised."""
        for text in ("", "planning", "\x1b[2J\u202e"):
            steps = (Step(text, "running", text), Step(text, "failed"))
            surface.progress(Progress("nowhere", "G999", status=text, delta=text))
            surface.progress(Progress("nowhere", "G999", steps=steps))
        surface.progress(Progress("nowhere", "G999"))
        surface.progress(Progress("nowhere", ""))

    async def test_hostile_text_is_delivered(self, surface: ChatSurface) -> None:
        """Control characters, surrogates and a megabyte hold nothing up."""
        evil = "\x1b]0;x\x07\ud800\u202e" + "a" * 1_000_000
        await surface.send(message(evil))
        await surface.show_card(card(title=evil, items=(item(evil, body=Erasable.of("b", "s")),)))
