"""However much a server sends: an answer ends where it was to end, and costs what was reserved."""

import asyncio
import gzip
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import pytest

from adapters.litellm.embedder import LiteLlmEmbedder
from adapters.litellm.limits import CHARS_PER_TOKEN
from adapters.litellm.model import LiteLlmModel
from adapters.litellm.tiers import TierConfig
from adapters.litellm.transcription import LiteLlmTranscriber
from core.domain.errors import AnswerTooLongError, EmbeddingError, ModelUnreachableError
from core.ports.model import ModelAnswer, OnDelta
from core.ports.transcriber import Sound
from tests.adapters.litellm.conftest import PRICES
from tests.contracts.model import hello, result
from tests.servers.flood import FloodServer, chunk
from tests.servers.http import Reply
from tests.servers.openai import Call, OpenAiServer, answer, stream
from tests.waiting import PATIENCE_S

ROOM = hello().max_tokens * CHARS_PER_TOKEN
"""For what must happen. A reader that has left has read less than the server would have sent."""
Pieces = Callable[[], Iterable[bytes]]


def called(index: int, arguments: str) -> bytes:
    """Return one piece of a tool call."""
    function = {"name": "submit_result", "arguments": arguments}
    one = {"index": index, "id": f"call_{index}", "type": "function", "function": function}
    return chunk({"tool_calls": [one]})


def empty_calls(number: int) -> bytes:
    """Return a piece with 100 tool calls that say nothing."""
    function = {"name": "", "arguments": ""}
    indices = range(100 * number, 100 * number + 100)
    calls = [{"index": index, "id": "", "function": function} for index in indices]
    return chunk({"tool_calls": calls})


def choices(count: int) -> bytes:
    """Return one piece with many answers in it."""
    one = {"index": 0, "delta": {"content": "a"}, "finish_reason": None}
    value = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**value, 'choices': [one] * count})}\n\n".encode()


def asked(server: FloodServer, name: str = "gpt-x", **named: float) -> LiteLlmModel:
    """Return a model of the server."""
    tier = TierConfig(name, server.api_base, "sk-x", prices=PRICES)
    return LiteLlmModel({"balanced": tier}, timeout_s=120, **named)


async def ask(model: LiteLlmModel, on_delta: OnDelta | None = None) -> ModelAnswer:
    """Make a call."""
    try:
        return await model.complete(hello(), on_delta)
    finally:
        await model.close()


def nobody(_: str) -> None:
    """Look at no piece."""


@pytest.mark.parametrize(
    "pieces",
    [
        lambda: (chunk({"content": f"word {number} "}) for number in itertools.count()),
        lambda: itertools.repeat(chunk({"content": "\n" * 5000})),
        lambda: itertools.repeat(chunk({"content": "x" * 500_000})),
        lambda: itertools.repeat(chunk({"reasoning_content": "hm "})),
        lambda: itertools.repeat(called(0, '{"text": ')),
        lambda: (called(index, "{}") for index in itertools.count()),
        lambda: (empty_calls(number) for number in itertools.count()),
    ],
    ids=["words", "lines", "large", "thoughts", "arguments", "calls", "empty calls"],
)
async def test_an_endless_answer_ends_at_its_tokens(pieces: Pieces) -> None:
    """What was asked for is an answer as if it had ended there; the connection is closed."""
    with FloodServer(pieces) as server:
        model = asked(server)
        got = await ask(model, nobody)
        assert server.left.wait(PATIENCE_S)
    said = len(got.text) + sum(len(c.name) + len(c.arguments) for c in got.tool_calls)
    assert said <= ROOM
    assert len(got.tool_calls) <= hello().max_tokens
    assert got.usage.tokens_out <= hello().max_tokens
    assert got.usd <= model.ceiling(hello())


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "pieces",
    [
        lambda: [chunk({"content": "x" * 10_000_000})],
        lambda: [chunk({"content": "word "}), chunk({"content": "x" * 10_000_000})],
        lambda: itertools.chain([b'data: {"choices": "'], itertools.repeat(b"x" * 9999)),
        lambda: itertools.repeat(b" " * 9999),
        lambda: itertools.repeat(b"\n" * 9999),
        lambda: itertools.repeat(b": keep-alive\n\n" * 999),
        lambda: itertools.repeat(b"[" * 9999),
        lambda: itertools.repeat(b"x\n" * 9999),
        lambda: itertools.repeat(b"data: {\n" * 999),
        lambda: itertools.repeat(b"data: {}\n\n" * 999),
        lambda: itertools.repeat(choices(20_000)),
    ],
    ids=[
        *("delta", "second", "line", "blanks", "lines", "comments", "brackets"),
        *("short lines", "one event", "events", "choices"),
    ],
)
async def test_more_than_an_answer_can_be_is_not_read(pieces: Pieces, *, streamed: bool) -> None:
    """It is counted at what was reserved, and not asked for again."""
    kind = "text/event-stream" if streamed else "application/json"
    with FloodServer(pieces, content_type=kind) as server:
        model = asked(server)
        with pytest.raises(AnswerTooLongError, match="far more than the 2048 tokens") as caught:
            await ask(model, nobody if streamed else None)
        assert server.left.wait(PATIENCE_S)
    assert caught.value.usd == model.ceiling(hello())
    assert server.asked == 1


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", ["anthropic/claude-sonnet-4-6", "ollama_chat/m", "gemini/m"])
async def test_it_is_so_with_every_provider(name: str, *, streamed: bool) -> None:
    """Some are asked through OpenAI's SDK, and some by litellm itself."""
    with FloodServer(lambda: itertools.repeat(b" " * 9999)) as server:
        with pytest.raises(AnswerTooLongError):
            await ask(asked(server, name), nobody if streamed else None)
        assert server.left.wait(PATIENCE_S)


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_small_body_that_unpacks_to_much_is_not_read(*, streamed: bool) -> None:
    """What counts is what it unpacks to."""
    bomb = gzip.compress(b" " * 50_000_000)
    with FloodServer(lambda: [bomb], encoding="gzip") as server:
        model = asked(server)
        with pytest.raises(AnswerTooLongError):
            await ask(model, nobody if streamed else None)


async def test_a_packed_answer_is_read(server: OpenAiServer, model: LiteLlmModel) -> None:
    """Some servers pack although nobody asked for it; what is packed in another way is refused."""
    packed = (("content-encoding", "gzip"),)
    for reply, on_delta in ((answer("Hello."), None), (stream(["Hel", "lo."]), nobody)):
        server.script(reply._replace(body=gzip.compress(reply.body), headers=packed))
        assert (await model.complete(hello(), on_delta)).text == "Hello."
    server.script(answer("Hello.")._replace(headers=(("content-encoding", "br"),)))
    with pytest.raises(ModelUnreachableError):
        await model.complete(hello())


async def test_a_whole_answer_that_is_too_long_is_cut(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """The same limit holds for an answer in one piece, and for arguments in it."""
    server.script(answer("word " * 20_000))
    assert len((await model.complete(hello())).text) == ROOM
    server.script(answer(calls=[Call("submit_result", "x" * 100_000)]))
    (call,) = (await model.complete(result())).tool_calls
    assert len(call.name) + len(call.arguments) < ROOM


async def test_a_stream_that_stops_in_the_middle_is_left() -> None:
    """The wait is for the next piece of the answer: keep-alives are none."""
    left = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield chunk({"content": "Once "})
        while not left.wait(0.01):
            yield b": keep-alive\n\n" + chunk({"content": ""})

    with FloodServer(pieces) as server:
        server.left = left
        model = asked(server, gap_s=0.2)
        with pytest.raises(ModelUnreachableError, match=r"in the middle.* for 0\.2 s") as caught:
            await ask(model, nobody)
        assert server.left.wait(PATIENCE_S)
    assert caught.value.usd == model.ceiling(hello())


@pytest.mark.parametrize("pause_s", [0, 0.01], ids=["at once", "now and then"])
async def test_pieces_of_nothing_end_at_a_limit(pause_s: float) -> None:
    """Of their number or at the time-out: they are too small to reach that of the bytes."""

    def pieces() -> Iterator[bytes]:
        while True:
            time.sleep(pause_s)
            yield b'data: {"choices": []}\n\n'

    with FloodServer(pieces) as server:
        model = asked(server)
        request = hello().model_copy(update={"timeout_s": 2.0 if pause_s else None})
        with pytest.raises(ModelUnreachableError) as caught:
            await model.complete(request, nobody)
        assert server.left.wait(PATIENCE_S)
        await model.close()
    assert caught.value.usd == model.ceiling(request)
    assert isinstance(caught.value, AnswerTooLongError) == (pause_s == 0)


async def test_others_have_their_turn_while_an_answer_comes(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """A megabyte of pieces that is there at once is worked through in portions of 4 kB."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    reply = stream(["a "] * 6000)
    server.script(reply)
    beside = asyncio.create_task(others())
    patient = hello().model_copy(update={"timeout_s": PATIENCE_S})
    got = await model.complete(patient, nobody)
    beside.cancel()
    assert len(got.text) == 12_000
    assert turns >= len(reply.body) // 4096


async def test_a_server_that_never_hangs_up_has_answered() -> None:
    """Once the end of the answer was told, nobody waits for the end of the connection."""
    whole = [chunk({"content": "Hello."}), chunk({}, "stop")]
    with FloodServer(lambda: whole, open_end=True) as server:
        got = await ask(asked(server, gap_s=0.2), nobody)
        assert server.left.wait(PATIENCE_S)
    assert got.text == "Hello."


async def test_vectors_and_words_are_bounded_too() -> None:
    """The other calls of models read no more than they can need."""
    with FloodServer(lambda: itertools.repeat(b" " * 9999), content_type="application/json") as one:
        embedder = LiteLlmEmbedder("openai/e", one.api_base, "sk-x", PRICES.input_per_million)
        with pytest.raises(EmbeddingError):
            await embedder.query("hello")
        assert one.left.wait(PATIENCE_S)
        await embedder.close()
    with FloodServer(lambda: itertools.repeat(b" " * 9999), content_type="application/json") as two:
        config = TierConfig("openai/w", two.api_base, "sk-x")
        listener = LiteLlmTranscriber(config, per_minute=PRICES.input_per_million)
        sound = Sound(data=b"OggS", name="a.ogg", media_type="audio/ogg", seconds=3)
        with pytest.raises(AnswerTooLongError) as caught:
            await listener.transcribe(sound)
        assert two.left.wait(PATIENCE_S)
        assert caught.value.usd == listener.ceiling(sound)
        await listener.close()


async def test_a_failure_that_never_ends_is_bounded(server: OpenAiServer) -> None:
    """A page of an error is no answer, however long it is."""
    server.always(Reply(500, b"x" * 10_000_000))
    tier = TierConfig("gpt-x", server.api_base, "sk-x", prices=PRICES)
    model = LiteLlmModel({"balanced": tier}, timeout_s=20)
    with pytest.raises(ModelUnreachableError) as caught:
        await ask(model)
    assert len(str(caught.value)) < 500
