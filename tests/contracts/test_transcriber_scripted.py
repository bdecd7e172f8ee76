from decimal import Decimal

import pytest

from adapters.inmemory.transcriber import ScriptedTranscriber
from core.domain.errors import BugError, ModelUnreachableError
from core.ports.transcriber import Transcriber
from tests.contracts.transcriber import VOICE, TranscriberContract


class TestScriptedTranscriber(TranscriberContract):
    def transcriber(self, text: str, times: int = 1) -> Transcriber:
        """Return a scripted one with the text in its queue."""
        return ScriptedTranscriber([text] * times, most=Decimal("0.01"))


async def test_what_was_heard_comes_in_order_and_sounds_are_kept() -> None:
    """The queue is used up in order, errors are raised, and every sound is there to look at."""
    transcriber = ScriptedTranscriber([ModelUnreachableError("gone")])
    transcriber.then("two")
    with pytest.raises(ModelUnreachableError, match="gone"):
        await transcriber.transcribe(VOICE)
    assert (await transcriber.transcribe(VOICE)).text == "two"
    assert transcriber.sounds == [VOICE, VOICE]


async def test_a_forgotten_text_is_a_bug() -> None:
    """A call for which nothing was scripted fails loudly."""
    with pytest.raises(BugError, match="hears nothing in call 1"):
        await ScriptedTranscriber().transcribe(VOICE)
