"""The model over real HTTP against the scripted OpenAI-compatible server."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.litellm.model import LiteLlmModel
from adapters.litellm.tiers import TierConfig
from core.domain.errors import ModelRefusedError, ModelUnreachableError
from core.ports.model import ModelMessage, ModelRequest, ToolCall, Usage
from tests.adapters.litellm.conftest import KEY, PRICES
from tests.contracts.model import hello, result
from tests.servers.http import Reply, json_reply
from tests.servers.openai import Call, OpenAiServer, answer, failure, stream, usage

ROOT = Path(__file__).parents[3]


def test_importing_the_adapter_does_not_import_litellm() -> None:
    """The seconds that litellm takes are spent at the first call, not at the start."""
    code = "import sys, adapters.litellm.model; sys.exit('litellm' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


async def test_usage_and_price_come_back(server: OpenAiServer, model: LiteLlmModel) -> None:
    """Tokens are the server's count and the price is theirs at the configured rates."""
    server.script(answer("hi", used=usage(1000, 50, cached=400)))
    got = await model.complete(hello())
    assert got.usage == Usage(tokens_in=1000, tokens_out=50, cached_in=400)
    assert got.usd == Decimal("0.0012")
    assert got.model == "gpt-x"


async def test_a_stream_tells_usage_too(server: OpenAiServer, model: LiteLlmModel) -> None:
    """A streamed call asks for the usage and is priced by it."""
    server.script(stream(["hi"], used=usage(2000, 100)))
    got = await model.complete(hello(), lambda _: None)
    assert server.requests[0]["stream_options"] == {"include_usage": True}
    assert got.usd == Decimal("0.0024")


async def test_the_request_on_the_wire(server: OpenAiServer, model: LiteLlmModel) -> None:
    """Messages, tools, the required tool, the limit and the key reach the server."""
    server.script(answer(calls=[Call("submit_result", "{}")]))
    await model.complete(result())
    body = server.requests[0]
    assert body["model"] == "gpt-x"
    assert body["messages"][0]["role"] == "user"
    assert body["tools"][0]["function"]["name"] == "submit_result"
    assert body["tool_choice"] == {"type": "function", "function": {"name": "submit_result"}}
    assert body["max_tokens"] == 2048
    assert server.keys == [f"Bearer {KEY}"]


async def test_earlier_calls_go_back_to_the_server(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """A repair round shows the model its own call and what was wrong with it."""
    said = ToolCall(id="c1", name="submit_result", arguments="{")
    request = result()
    messages = (
        *request.messages,
        ModelMessage(role="assistant", content="", tool_calls=(said,)),
        ModelMessage(role="tool", content="Not accepted: no JSON.", tool_call_id="c1"),
    )
    server.script(answer("ok"))
    await model.complete(request.model_copy(update={"messages": messages}))
    sent = server.requests[0]["messages"]
    assert sent[1]["tool_calls"][0]["function"] == {"name": "submit_result", "arguments": "{"}
    assert sent[2]["tool_call_id"] == "c1"


@pytest.mark.parametrize("streamed", [False, True])
async def test_parallel_calls_keep_order_and_broken_json(
    server: OpenAiServer, model: LiteLlmModel, *, streamed: bool
) -> None:
    """Several calls come back in order, arguments untouched even when they are no JSON."""
    calls = [Call("submit_result", '{"text": "a"}', "c1"), Call("other", '{"cut', "c2")]
    server.script(stream(calls=calls) if streamed else answer(calls=calls))
    got = await model.complete(result(), (lambda _: None) if streamed else None)
    assert got.tool_calls == tuple(
        ToolCall(id=call.id, name=call.name, arguments=call.arguments) for call in calls
    )


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (failure(401, f"Incorrect API key provided: {KEY}"), "refused the key (401)"),
        (failure(403), "refused the key (403)"),
        (failure(404), "does not exist"),
        (failure(402), "no credit"),
        (failure(400, f"bad schema for {KEY} and sk-other0000000000000000"), "bad schema for"),
    ],
)
async def test_a_refusal_is_one_sentence_without_the_key(
    server: OpenAiServer, model: LiteLlmModel, reply: Reply, words: str
) -> None:
    """What trying again will not mend is ModelRefusedError; no key is in it or behind it."""
    server.script(reply)
    with pytest.raises(ModelRefusedError) as caught:
        await model.complete(hello())
    text = str(caught.value)
    assert words in text
    assert "sk-" not in text
    assert text.endswith(".")
    assert caught.value.__cause__ is None
    assert len(server.requests) == 1


async def test_what_the_server_cannot_process_is_refused(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """A 422 is refused, after litellm asked once more without the parameters it may drop."""
    server.always(failure(422, "unprocessable"))
    with pytest.raises(ModelRefusedError, match=r"could not process the call \(422\)"):
        await model.complete(hello())


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "reply",
    [
        failure(500),
        failure(503),
        failure(408),
        Reply(body=b'{"choices": [{"ind'),
        Reply(body=b"<html>down</html>", content_type="text/html"),
        Reply(body=b"{}"),
        Reply(body=b'{"choices": [' * 50, cut=True),
    ],
    ids=["500", "503", "408", "malformed", "html", "empty", "cut"],
)
async def test_no_answer_is_unreachable(
    server: OpenAiServer, model: LiteLlmModel, reply: Reply, *, streamed: bool
) -> None:
    """Failing servers and broken bodies are ModelUnreachableError after one request."""
    server.script(reply)
    with pytest.raises(ModelUnreachableError):
        await model.complete(hello(), (lambda _: None) if streamed else None)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply", [stream(["one ", "two"])._replace(cut=True), stream(["one"], ends=False)]
)
async def test_a_cut_stream_is_no_answer(
    server: OpenAiServer, model: LiteLlmModel, reply: Reply
) -> None:
    """A stream that breaks or stops without an end is never taken for a whole answer."""
    server.script(reply)
    pieces: list[str] = []
    with pytest.raises(ModelUnreachableError):
        await model.complete(hello(), pieces.append)
    assert pieces


async def test_too_many_calls_tell_the_pause(server: OpenAiServer, model: LiteLlmModel) -> None:
    """A 429 is unreachable for as long as its Retry-After says."""
    server.script(failure(429, headers=(("Retry-After", "7"),)))
    with pytest.raises(ModelUnreachableError) as caught:
        await model.complete(hello())
    assert caught.value.retry_after == 7.0


async def test_a_hanging_server_is_left(server: OpenAiServer, model: LiteLlmModel) -> None:
    """A call ends at the time-out of the request."""
    server.script(Reply(delay_s=0.6))
    with pytest.raises(ModelUnreachableError, match=r"did not answer within 0\.2 s"):
        await model.complete(hello().model_copy(update={"timeout_s": 0.2}))


async def test_a_closed_port_is_unreachable() -> None:
    """A server that is not there is unreachable, not refused."""
    model = LiteLlmModel({"fast": TierConfig("m", "http://127.0.0.1:9/v1", prices=PRICES)})
    with pytest.raises(ModelUnreachableError, match=r"gave no answer at http://127\.0\.0\.1:9/v1"):
        await model.complete(hello())
    await model.close()


async def test_the_models_of_a_tier_can_be_asked_by_name(server: OpenAiServer) -> None:
    """A tier names its model and its fallbacks; a request for one of them goes to that one."""
    tier = TierConfig("one", server.api_base, fallbacks=("two",), prices=PRICES)
    model = LiteLlmModel({"deep": tier})
    assert model.models("deep") == model.models("fast") == ("one", "two")
    for name in ("", "two", "gone"):
        server.script(answer("hi"))
        await model.complete(hello().model_copy(update={"model": name}))
    assert [body["model"] for body in server.requests] == ["one", "two", "one"]
    await model.close()


async def test_a_server_of_ones_own_gets_no_key_from_the_environment(
    server: OpenAiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a configured key the provider's key in the environment stays at home."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = LiteLlmModel({"fast": TierConfig("m", server.api_base, prices=PRICES)})
    server.script(answer("hi"))
    await model.complete(hello())
    assert server.keys == ["Bearer none"]
    await model.close()


async def test_no_tier_is_refused_with_the_key_to_set() -> None:
    """A model without tiers names the config key."""
    with pytest.raises(ModelRefusedError, match=r"llm\.tiers\.balanced\.model"):
        await LiteLlmModel({}).complete(ModelRequest(agent="a", tier="fast", messages=()))


@pytest.mark.parametrize("indices", [["a", 2], [None, 1], [0, 0], [-1, 10**30]])
async def test_calls_of_a_whole_answer_stand_in_their_order(
    server: OpenAiServer, model: LiteLlmModel, indices: list[object]
) -> None:
    """An index is for the pieces of a stream; what some servers put there instead joins nothing."""
    reply = answer(calls=[Call("submit_result", '{"text": "a"}'), Call("other", "{}")])
    body = json.loads(reply.body)
    for index, call in zip(indices, body["choices"][0]["message"]["tool_calls"], strict=True):
        call["index"] = index
    server.script(json_reply(body))
    got = await model.complete(result())
    assert [call.name for call in got.tool_calls] == ["submit_result", "other"]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"content": 5},
        {"content": {"text": "hi"}},
        {"tool_calls": "abc"},
        {"tool_calls": [{"id": 7, "type": "function", "function": {"name": 5, "arguments": 5}}]},
        {"reasoning_content": 5},
    ],
)
async def test_an_answer_of_another_shape_is_told_in_a_sentence(
    server: OpenAiServer, model: LiteLlmModel, change: dict[str, object], *, streamed: bool
) -> None:
    """It is no answer, or an empty one; nothing of how the program is made is shown."""
    reply = stream(["hi"]) if streamed else answer("hi")
    said = b'"content": "hi"'
    assert said in reply.body
    server.script(reply._replace(body=reply.body.replace(said, json.dumps(change)[1:-1].encode())))
    try:
        await model.complete(hello(), (lambda _: None) if streamed else None)
    except ModelUnreachableError as error:
        assert "Traceback" not in str(error)  # noqa: PT017 - it need not come
        assert error.usd > 0  # noqa: PT017 - as above
