"""What a failure is told as, and what a call that broke off may cost all the same."""

import socket
import threading
from contextlib import suppress
from decimal import Decimal
from typing import Self

import pytest

from adapters.litellm.embedder import LiteLlmEmbedder
from adapters.litellm.model import LiteLlmModel
from adapters.litellm.prices import ceiling, most_tokens
from adapters.litellm.tiers import TierConfig, targets
from core.domain.errors import (
    ContextTooLongError,
    EmbeddingError,
    ModelKeyError,
    ModelRefusedError,
    ModelUnreachableError,
)
from core.ports.model import OnDelta
from tests.adapters.litellm.conftest import PRICES
from tests.contracts.model import hello
from tests.servers.http import HttpServer, Reply, json_reply
from tests.servers.openai import OpenAiServer, answer, failure, stream
from tests.servers.process import LOOPBACK

TOO_LONG = (
    "This model's maximum context length is 4097 tokens. However, your messages resulted in 5000."
)
HIGHEST = ceiling(next(targets({"balanced": TierConfig("m", prices=PRICES)}, "balanced")), hello())


async def failed(model: LiteLlmModel, on_delta: OnDelta | None = None) -> ModelUnreachableError:
    """Make a call that fails and return how."""
    with pytest.raises(ModelUnreachableError) as caught:
        await model.complete(hello().model_copy(update={"timeout_s": 4}), on_delta)
    return caught.value


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_refused_is_told_apart(
    server: OpenAiServer, model: LiteLlmModel, status: int
) -> None:
    """Authentication is its own error: the owner is asked, nothing is tried again."""
    server.script(failure(status))
    with pytest.raises(ModelKeyError, match=r"check `llm\.api_key`"):
        await model.complete(hello())
    assert len(server.requests) == 1


async def test_what_a_server_says_at_length_is_told_in_short(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Words that all look like the name of an error are looked at once, not once for each."""
    server.script(failure(500, "x:" * 100_000))
    error = await failed(model)
    assert len(str(error)) < 400


@pytest.mark.parametrize("when", ["soon", "Mon, 01 Jan 2020 00:00:00 +99999999999999", "\xb2"])
async def test_a_pause_that_cannot_be_read_is_none(
    server: OpenAiServer, model: LiteLlmModel, when: str
) -> None:
    """A busy server is asked later all the same."""
    server.script(failure(429, headers=(("Retry-After", when),)))
    assert (await failed(model)).retry_after is None


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_prompt_that_is_too_long_is_told_apart(
    server: OpenAiServer, model: LiteLlmModel, *, streamed: bool
) -> None:
    """A full context is its own error: it can be shortened."""
    server.script(failure(400, TOO_LONG))
    with pytest.raises(ContextTooLongError, match="longer than the model 'gpt-x' takes"):
        await model.complete(hello(), (lambda _: None) if streamed else None)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("reply", [failure(500), failure(503), failure(408), failure(429)])
async def test_what_the_server_turned_down_costs_nothing(
    server: OpenAiServer, model: LiteLlmModel, reply: Reply, *, streamed: bool
) -> None:
    """An HTTP error is no answer and no cost; only a 429 says that the server is busy, not down."""
    server.script(reply)
    error = await failed(model, (lambda _: None) if streamed else None)
    assert error.usd == 0
    assert error.tokens == (0, 0)
    assert error.busy == (reply.status == 429)


async def test_a_server_that_is_not_there_costs_nothing() -> None:
    """Nothing was sent where nobody listens."""
    model = LiteLlmModel({"fast": TierConfig("m", "http://127.0.0.1:9/v1", prices=PRICES)})
    error = await failed(model)
    assert error.usd == 0
    assert error.tokens == (0, 0)
    await model.close()


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_time_out_counts_at_its_highest_cost(
    server: OpenAiServer, model: LiteLlmModel, *, streamed: bool
) -> None:
    """The request was sent and nobody knows what was made of it: all that it allowed."""
    server.script(Reply(delay_s=1.5))
    error = await failed(model, (lambda _: None) if streamed else None)
    assert error.usd == HIGHEST
    assert error.tokens == (most_tokens(hello()), hello().max_tokens)


@pytest.mark.parametrize("body", [b'{"choices": [{"ind', b"<html>down</html>", b"{}"])
async def test_a_broken_answer_counts_at_its_highest_cost(
    server: OpenAiServer, model: LiteLlmModel, body: bytes
) -> None:
    """An answer that cannot be read was written by somebody who may charge for it."""
    server.script(Reply(body=body))
    assert (await failed(model)).usd == HIGHEST


@pytest.mark.parametrize("used", [None, "x", {"promptTokenCount": "100"}])
async def test_an_answer_with_an_odd_usage_is_charged(
    http_server: HttpServer, used: object
) -> None:
    """Of an answer of Gemini's whose usage it cannot read, litellm makes a refusal (422)."""
    said = {"content": {"role": "model", "parts": [{"text": "Hi."}]}, "finishReason": "STOP"}
    http_server.always(
        "/models/m:generateContent", json_reply({"candidates": [said], "usageMetadata": used})
    )
    tier = TierConfig("gemini/m", http_server.url, "sk-x", prices=PRICES)
    model = LiteLlmModel({"balanced": tier})
    assert (await failed(model)).usd == HIGHEST
    await model.close()
    assert len(http_server.requests) == 1


@pytest.mark.parametrize("code", [400, 402, 404])
async def test_an_error_in_the_place_of_an_answer_is_none(
    server: OpenAiServer, model: LiteLlmModel, code: int
) -> None:
    """Some servers turn a call down with a status of success; nothing was written."""
    server.script(json_reply({"error": {"message": "it failed", "code": code}}))
    with pytest.raises(ModelRefusedError):
        await model.complete(hello())


@pytest.mark.parametrize(
    "reply", [stream(["word "] * 300)._replace(cut=True), stream(["word "] * 150, ends=False)]
)
async def test_a_cut_stream_counts_what_arrived(
    server: OpenAiServer, model: LiteLlmModel, reply: Reply
) -> None:
    """The prompt at its upper bound and the words that came, never more than was reserved."""
    server.script(reply)
    pieces: list[str] = []
    error = await failed(model, pieces.append)
    arrived = len(pieces)
    assert arrived > 50
    tokens_in, tokens_out = error.tokens
    assert tokens_in == most_tokens(hello())
    assert arrived <= tokens_out <= 2 * arrived + 1
    assert error.usd == (tokens_in + 4 * Decimal(tokens_out)) / 1_000_000 < HIGHEST


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("status", [302, 307])
async def test_a_prompt_goes_to_no_other_server(
    server: OpenAiServer,
    model: LiteLlmModel,
    http_server: HttpServer,
    status: int,
    *,
    streamed: bool,
) -> None:
    """A redirect to a server that nobody configured is refused in one sentence."""
    location = (("Location", f"{http_server.url}/v1/chat/completions"),)
    server.script(Reply(status, headers=location))
    with pytest.raises(ModelRefusedError, match="sends calls on to another address") as caught:
        await model.complete(hello(), (lambda _: None) if streamed else None)
    assert "check `llm.tiers.balanced.api_base`" in str(caught.value)
    assert http_server.requests == []


async def test_a_redirect_on_the_same_server_is_followed(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Some servers want a slash more, or less."""
    server.script(Reply(307, headers=(("Location", "/v1/chat/completions"),)), answer("Hello."))
    assert (await model.complete(hello())).text == "Hello."


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", ["gpt-x", "anthropic/claude-sonnet-4-6", "ollama_chat/m"])
async def test_a_call_that_broke_off_is_not_repeated_unseen(name: str, *, streamed: bool) -> None:
    """The server hung up without a word: that is one request, counted at its highest cost."""
    with HangUpServer() as server:
        tier = TierConfig(name, server.api_base, "sk-x", prices=PRICES)
        model = LiteLlmModel({"balanced": tier})
        error = await failed(model, (lambda _: None) if streamed else None)
        await model.close()
        assert server.asked == 1  # litellm would make another one, and nobody would count it
    assert error.usd == HIGHEST


async def test_vectors_are_asked_for_once() -> None:
    """Each call is counted by whoever asked, so none is repeated below."""
    with HangUpServer() as server:
        embedder = LiteLlmEmbedder("openai/e", server.api_base, "sk-x", PRICES.input_per_million)
        with pytest.raises(EmbeddingError):
            await embedder.query("hello")
        await embedder.close()
        assert server.asked == 1


class HangUpServer:
    """Reads a request and hangs up; `asked` counts them."""

    def __init__(self) -> None:
        self.asked = 0

    def __enter__(self) -> Self:
        self._socket = socket.create_server((LOOPBACK, 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    @property
    def api_base(self) -> str:
        """The address for `llm.api_base`."""
        return f"http://{LOOPBACK}:{self._socket.getsockname()[1]}/v1"

    def _serve(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                caller, _ = self._socket.accept()
                with caller:
                    caller.recv(65_536)
                    self.asked += 1
