"""What every transcriber does, whatever is behind it."""

import asyncio

from core.ports.transcriber import Sound, Transcriber

VOICE = Sound(data=b"OggS\r\n\x00\xff--voice\r\n", name="v.oga", media_type="audio/ogg", seconds=20)


class TranscriberContract:
    """Subclasses give a transcriber that hears a text."""

    def transcriber(self, text: str, times: int = 1) -> Transcriber:
        """Return one that is ready for that many calls."""
        raise NotImplementedError

    async def test_words_come_back_with_the_name_of_the_model(self) -> None:
        """A recording becomes its words, with who heard them and how long that took."""
        transcriber = self.transcriber("Grüße an Bob")
        heard = await transcriber.transcribe(VOICE)
        assert heard.text == "Grüße an Bob"
        assert heard.model == transcriber.name
        assert heard.ms >= 0

    async def test_silence_is_an_empty_text(self) -> None:
        """A recording in which nobody speaks is no failure."""
        assert (await self.transcriber("").transcribe(VOICE)).text == ""

    async def test_no_call_costs_more_than_its_ceiling(self) -> None:
        """The price of a call stays at or under what the ceiling said before."""
        transcriber = self.transcriber("hello")
        most = transcriber.ceiling(VOICE)
        assert 0 < (await transcriber.transcribe(VOICE)).usd <= most

    async def test_calls_run_side_by_side(self) -> None:
        """Several calls at once each get their words."""
        transcriber = self.transcriber("hello", times=6)
        heard = await asyncio.gather(*(transcriber.transcribe(VOICE) for _ in range(6)))
        assert [one.text for one in heard] == ["hello"] * 6
