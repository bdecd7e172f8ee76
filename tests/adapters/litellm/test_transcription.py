"""Transcription over a real local server: what is sent, what is told of a failure, its cost."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from adapters.litellm.tiers import TierConfig
from adapters.litellm.transcription import LiteLlmTranscriber
from core.domain.errors import ModelKeyError, ModelRefusedError, ModelUnreachableError
from core.ports.transcriber import Sound, Transcriber
from tests.adapters.litellm.conftest import KEY
from tests.contracts.transcriber import VOICE, TranscriberContract
from tests.servers.http import Reply
from tests.servers.openai import OpenAiServer, failure, transcript

PER_MINUTE = Decimal("0.006")
HIGHEST = Decimal("0.002")
"""Twenty seconds of a minute."""


@pytest.fixture
async def ear(server: OpenAiServer) -> AsyncIterator[LiteLlmTranscriber]:
    """Give a transcriber of the scripted server."""
    config = TierConfig("ear-x", server.api_base, KEY)
    ear = LiteLlmTranscriber(config, per_minute=PER_MINUTE, language="de")
    yield ear
    await ear.close()


class TestLiteLlmTranscriber(TranscriberContract):
    @pytest.fixture(autouse=True)
    def _served(self, server: OpenAiServer, ear: LiteLlmTranscriber) -> None:
        self.server, self.ear = server, ear

    def transcriber(self, text: str, times: int = 1) -> Transcriber:
        """Return one whose server hears the text."""
        self.server.script(*[transcript(text)] * times)
        return self.ear


async def failed(ear: LiteLlmTranscriber, sound: Sound = VOICE) -> ModelUnreachableError:
    """Make a call that fails and return how."""
    with pytest.raises(ModelUnreachableError) as caught:
        await ear.transcribe(sound)
    return caught.value


async def test_the_recording_is_sent_byte_by_byte(
    server: OpenAiServer, ear: LiteLlmTranscriber
) -> None:
    """The form holds the very bytes, the model, the language and the key."""
    server.script(transcript("hallo"))
    sound = VOICE.model_copy(update={"data": bytes(range(256)) * 40 + b"\r\n--\r\n"})
    await ear.transcribe(sound)
    (upload,) = server.uploads
    assert upload.data == sound.data
    assert upload.fields == {"model": "ear-x", "language": "de", "response_format": "json"}
    assert 'filename="sound.ogg"' in upload.head
    assert "audio/ogg" in upload.head
    assert server.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("name", "kind", "sent"),
    [
        ("Bob's secret plan.M4A", "audio/mp4", "sound.m4a"),
        ('x.og"g\r\nX-Evil: 1', "audio/mpeg; codecs=x", "sound.mp3"),
        ("voice", "audio/ogg", "sound.ogg"),
        ("none", "what\r\never", "sound.ogg"),
    ],
)
async def test_a_name_from_outside_tells_the_form_alone(
    server: OpenAiServer, ear: LiteLlmTranscriber, name: str, kind: str, sent: str
) -> None:
    """Servers go by the suffix; the rest of the name, and a type that is none, stay here."""
    server.script(transcript("hello"))
    await ear.transcribe(VOICE.model_copy(update={"name": name, "media_type": kind}))
    assert f'filename="{sent}"' in server.uploads[0].head
    assert "vil" not in server.uploads[0].head


async def test_ones_own_server_gets_no_key_from_the_environment(
    server: OpenAiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key of its own nothing of the provider's goes to it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.script(transcript("hello"))
    ear = LiteLlmTranscriber(TierConfig("ear-x", server.api_base), per_minute=PER_MINUTE)
    await ear.transcribe(VOICE)
    await ear.close()
    assert KEY not in "".join(server.keys)


@pytest.mark.parametrize(
    ("used", "usd"),
    [
        (None, HIGHEST),
        ({"type": "duration", "seconds": 7}, Decimal("0.0007")),
        ({"type": "duration", "seconds": -7}, HIGHEST),
    ],
)
async def test_what_the_provider_tells_is_counted(
    server: OpenAiServer, ear: LiteLlmTranscriber, used: dict[str, object] | None, usd: Decimal
) -> None:
    """The seconds it charges where it tells them, else the most that was allowed."""
    server.script(transcript("hello", used))
    assert (await ear.transcribe(VOICE)).usd == usd


async def test_seconds_in_which_nobody_says_as_much_are_not_believed(
    server: OpenAiServer, ear: LiteLlmTranscriber
) -> None:
    """What is told is checked against the words: a minute of them is no tenth of a second."""
    server.script(transcript("hello there " * 50, {"type": "duration", "seconds": 0.1}))
    assert (await ear.transcribe(VOICE)).usd == HIGHEST


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_refused_is_told_apart(
    server: OpenAiServer, ear: LiteLlmTranscriber, status: int
) -> None:
    """Authentication is its own error, names where the key stands, and has no key in it."""
    server.script(failure(status, f"bad key {KEY}"))
    with pytest.raises(ModelKeyError, match=r"`llm\.transcription\.api_key`") as caught:
        await ear.transcribe(VOICE)
    assert KEY not in str(caught.value)
    assert len(server.uploads) == 1


@pytest.mark.parametrize("status", [400, 404, 413, 415])
async def test_a_recording_that_will_never_do_is_refused(
    server: OpenAiServer, ear: LiteLlmTranscriber, status: int
) -> None:
    """Too large, of another form, no such model: not tried again, and told in one sentence."""
    server.script(failure(status))
    with pytest.raises(ModelRefusedError, match=rf"'ear-x'.*\({status}\)"):
        await ear.transcribe(VOICE)


async def test_a_busy_server_tells_when_to_come_again(
    server: OpenAiServer, ear: LiteLlmTranscriber
) -> None:
    """A 429 keeps its pause, costs nothing and is one request."""
    server.script(failure(429, headers=(("retry-after", "7"),)))
    error = await failed(ear)
    assert (error.retry_after, error.busy) == (7, True)
    assert error.usd == 0
    assert len(server.uploads) == 1


async def test_an_error_of_the_server_costs_nothing(
    server: OpenAiServer, ear: LiteLlmTranscriber
) -> None:
    """An HTTP error is no answer; whether to try again is not decided here."""
    server.script(failure(500))
    assert (await failed(ear)).usd == 0
    assert len(server.uploads) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b'{"text": "hel'),
        Reply(body=b"{}"),
        Reply(body=b"[]"),
        Reply(body=b'{"text": null}'),
        Reply(body=b"<html>log in first</html>", content_type="text/html"),
        transcript("a long text " * 20)._replace(cut=True),
    ],
)
async def test_a_broken_answer_counts_at_its_highest_cost(
    server: OpenAiServer, ear: LiteLlmTranscriber, reply: Reply
) -> None:
    """What cannot be read was written by somebody who may charge for it; a page is no text."""
    server.script(reply)
    assert (await failed(ear)).usd == HIGHEST


async def test_a_time_out_counts_at_its_highest_cost(server: OpenAiServer) -> None:
    """Nobody knows what was made of a recording that was sent; its length is added to the wait."""
    config = TierConfig("ear-x", server.api_base, KEY)
    ear = LiteLlmTranscriber(config, per_minute=PER_MINUTE, timeout_s=1.2)
    short = VOICE.model_copy(update={"seconds": 2.8})
    server.script(transcript("in time")._replace(delay_s=1.5))
    await ear.transcribe(short)
    server.script(Reply(delay_s=5))
    error = await failed(ear, short)
    assert "did not answer within 4 s" in str(error)
    assert error.usd == PER_MINUTE / 4
    await ear.close()


async def test_a_server_that_is_not_there_costs_nothing() -> None:
    """Nothing was sent where nobody listens."""
    ear = LiteLlmTranscriber(TierConfig("m", "http://127.0.0.1:9/v1"), per_minute=PER_MINUTE)
    assert (await failed(ear)).usd == 0
    await ear.close()
