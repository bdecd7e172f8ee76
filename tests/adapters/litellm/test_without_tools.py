"""A model without tool calls over real HTTP: what the server is asked, and what comes of it."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from adapters.litellm.model import LiteLlmModel
from adapters.litellm.tiers import Prices, TierConfig
from core.domain.errors import ContextTooLongError, ModelUnreachableError
from core.ports.model import ModelMessage, ModelRequest, ToolSpec, Usage
from tests.adapters.litellm.conftest import KEY
from tests.contracts.model import TOOL, hello, result
from tests.servers.http import Reply
from tests.servers.openai import Call, OpenAiServer, answer, failure, stream, usage

OWN = '```json\n{"name": "note.append", "arguments": {"text": "broken"}}\n```'
ARGUMENTS = '{"text": "broken"}'
BY_SCHEMA = '{"call": {"text": "broken"}, "reply": null}'


def planning() -> ModelRequest:
    """Offer a tool that may be called or not."""
    return hello().model_copy(update={"tools": (TOOL,)})


def telling() -> ModelRequest:
    """Offer a tool, and tell of something that is none."""
    asked = planning()
    told = "You greet.\n- note.append(text, file?): add a note"
    first = asked.messages[0].model_copy(update={"content": told})
    return asked.model_copy(update={"messages": (first, *asked.messages[1:])})


def answered(text: str, tokens_in: int = 100, tokens_out: int = 20) -> Reply:
    """Return a whole answer in text, with its usage."""
    return answer(text, used=usage(tokens_in, tokens_out))


def forms(server: OpenAiServer) -> list[str]:
    """Return for each request whether it offered tools or a schema."""
    return ["schema" if "response_format" in body else "tools" for body in server.requests]


@pytest.fixture
def shown() -> list[str]:
    """Give the list that pieces are put into."""
    return []


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "submit_result", "arguments": {"text": "a"}}',
        '```json\n{"name": "submit_result", "arguments": {"text": "a"}}\n```',
        '{"text": "a"}',
    ],
)
@pytest.mark.parametrize("asked", [planning(), result()], ids=["free", "required"])
async def test_a_call_written_as_text_is_the_call(
    server: OpenAiServer, model: LiteLlmModel, text: str, asked: ModelRequest
) -> None:
    """Fenced or bare, by name or as arguments: it is taken for the call, after one request."""
    server.script(answered(text))
    got = await model.complete(asked)
    assert [(c.name, c.arguments) for c in got.tool_calls] == [(TOOL.name, '{"text": "a"}')]
    assert got.text == ""
    assert forms(server) == ["tools"]


async def test_a_call_of_something_else_is_asked_for_again_by_schema(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """The same model is asked once more, without tools; usage and price are of both requests."""
    server.script(answered(OWN, 1000, 50), answered(ARGUMENTS, 1200, 30))
    got = await model.complete(planning())
    assert [(c.name, c.arguments) for c in got.tool_calls] == [(TOOL.name, '{"text": "broken"}')]
    assert got.usage == Usage(tokens_in=2200, tokens_out=80)
    assert got.usd == Decimal("0.00252")
    second = server.requests[1]
    assert "tools" not in second
    assert "tool_choice" not in second
    assert second["temperature"] == 0
    assert "temperature" not in server.requests[0]
    assert second["response_format"]["type"] == "json_schema"
    assert second["response_format"]["json_schema"]["schema"] == TOOL.parameters
    assert "submit_result: Submit the result." in second["messages"][0]["content"]
    assert second["model"] == server.requests[0]["model"]


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ('note.append(text="broken")', True),
        ('```python\nnote.append(text="broken")\n```', True),
        ("`note.append(broken)`", True),
        ('Assistant(note.append(text="broken"))', True),
        ("os.getcwd()", False),
        ("note.append(text) adds a note.", False),
    ],
)
async def test_a_call_in_the_notation_of_the_prompt_is_asked_for_again(
    server: OpenAiServer, model: LiteLlmModel, shown: list[str], text: str, *, again: bool
) -> None:
    """A text that calls what the prompt tells of is no reply and not shown; any other is."""
    server.script(stream([text[:4], text[4:8], text[8:]]), answered(ARGUMENTS))
    got = await model.complete(telling(), shown.append)
    assert (len(got.tool_calls), "".join(shown)) == ((1, "") if again else (0, text))
    assert forms(server) == (["tools", "schema"] if again else ["tools"])


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ('{{"name": "note.append", "arguments": {"text": "broken"}}}', True),
        ('Assistant({"name": "note.append", "arguments": {"text": "broken"}})', True),
        ('`{"name": "submit_result", "arguments": {"text": }}`', True),
        ("<tools>\n<function><name>note.append</name></function>\n</tools>", True),
        ("<tool_call>note.append</tool_call>", True),
        ('<tasks><task agent="executor" input={"text": "broken"} /></tasks>', True),
        ('Task({"action": "note.append", "args": {"text": "broken"}})', True),
        ('{{"action": "unknown", "args": {"text": "broken"}}}', False),
        ('{{"name": "unknown", "arguments": {"text": "broken"}}}', False),
    ],
)
async def test_a_call_in_broken_json_is_asked_for_again(
    server: OpenAiServer, model: LiteLlmModel, shown: list[str], text: str, *, again: bool
) -> None:
    """A call of what the prompt tells of is no reply, however it is wrapped, and not shown."""
    server.script(stream([text[:3], text[3:]]), answered(ARGUMENTS))
    got = await model.complete(telling(), shown.append)
    assert (len(got.tool_calls), "".join(shown)) == ((1, "") if again else (0, text))


async def test_words_before_a_call_are_no_reply(server: OpenAiServer, model: LiteLlmModel) -> None:
    """A model that explains the call it means has made none: it is asked again."""
    server.script(answered(f"Sure, here it is: {OWN}"), answered(ARGUMENTS))
    assert (await model.complete(telling())).tool_calls


async def test_a_call_that_was_sent_back_is_made_again(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """By schema the only tool is required after its call was not accepted."""
    server.script(answered(OWN), answered(ARGUMENTS), answered(ARGUMENTS))
    first = await model.complete(planning())
    said = ModelMessage(role="assistant", content="", tool_calls=first.tool_calls)
    note = ModelMessage(role="tool", content="Not accepted: too short.", tool_call_id="call-0")
    again = planning().model_copy(update={"messages": (*planning().messages, said, note)})
    assert (await model.complete(again)).tool_calls == first.tool_calls
    sent = server.requests[2]
    assert sent["response_format"]["json_schema"]["schema"] == TOOL.parameters
    assert [m["content"] for m in sent["messages"][2:]] == [
        ARGUMENTS,
        "submit_result: Not accepted: too short.",
    ]


async def test_of_several_tools_none_is_required_for_it(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """With more than one tool the second answer says which one is meant, or none."""
    other = TOOL.model_copy(update={"name": "other"})
    named = '{"call": {"name": "other", "arguments": {"text": "a"}}, "reply": null}'
    server.script(answered(OWN), answered(named))
    got = await model.complete(planning().model_copy(update={"tools": (TOOL, other)}))
    assert [call.name for call in got.tool_calls] == ["other"]


async def test_a_required_tool_is_asked_for_by_its_own_schema(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """With `require` the second answer is the arguments alone."""
    server.script(answered(OWN), answered('{"text": "now"}'))
    got = await model.complete(result())
    assert [c.arguments for c in got.tool_calls] == ['{"text": "now"}']
    form = server.requests[1]["response_format"]["json_schema"]
    assert form["schema"] == TOOL.parameters


async def test_a_model_without_tools_is_remembered(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Later calls of that model go by schema at once; calls without tools are as ever."""
    server.script(answered(OWN), answered(ARGUMENTS))
    await model.complete(planning())
    server.script(answered('{"call": null, "reply": "Hello."}'), answered("plain"))
    got = await model.complete(planning())
    assert (got.text, got.tool_calls) == ("Hello.", ())
    assert (await model.complete(hello())).text == "plain"
    assert forms(server) == ["tools", "schema", "schema", "tools"]
    assert "response_format" not in server.requests[3]


async def test_what_is_learned_is_learned_of_one_target(server: OpenAiServer) -> None:
    """Another model of the same server is offered tools."""
    prices = Prices(Decimal(1), Decimal(4))
    tier = TierConfig("small", server.api_base, KEY, fallbacks=("large",), prices=prices)
    model = LiteLlmModel({"balanced": tier})
    call = answer(calls=[Call(TOOL.name, "{}")])
    server.script(answered(OWN), answered(ARGUMENTS), call)
    await model.complete(planning())
    await model.complete(planning().model_copy(update={"model": "large"}))
    assert forms(server) == ["tools", "schema", "tools"]
    await model.close()


async def test_a_model_that_has_called_a_tool_may_answer_in_json(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Where tools are known to work, an object in the text is the answer, and costs no second."""
    server.script(answer(calls=[Call(TOOL.name, '{"text": "a"}')]), answered('{"port": 80}'))
    await model.complete(planning())
    got = await model.complete(planning())
    assert (got.text, got.tool_calls) == ('{"port": 80}', ())
    assert forms(server) == ["tools", "tools"]


async def test_json_that_is_a_reply_teaches_nothing(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """An object that is no call, and a reply after it: the next call offers tools again."""
    server.script(answered('{"port": 80}'), answered('{"call": null, "reply": "Port 80."}'))
    assert (await model.complete(planning())).text == "Port 80."
    server.script(answered("hi"))
    await model.complete(planning())
    assert forms(server) == ["tools", "schema", "tools"]


async def test_a_server_that_refuses_schemas_is_asked_for_none_again(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """What was written stands as the call it was meant as, for whoever asked to send back."""
    server.script(answered(OWN), failure(400, "response_format is not supported"), answered(OWN))
    for _ in range(2):
        got = await model.complete(planning())
        assert got.text == ""
        assert [(c.name, c.arguments) for c in got.tool_calls] == [("note.append", ARGUMENTS)]
    assert forms(server) == ["tools", "schema", "tools"]


async def test_a_server_that_refuses_schemas_later_gets_tools_again(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """A model that is remembered as one without tools is asked as any other when it must be."""
    server.script(answered(OWN), answered(ARGUMENTS))
    await model.complete(planning())
    server.script(failure(400, "no response_format"), answered("Hello."))
    assert (await model.complete(planning())).text == "Hello."
    assert forms(server) == ["tools", "schema", "schema", "tools"]


async def test_a_prompt_that_is_too_long_by_schema_is_told(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """A prompt the model cannot take is the caller's to shorten, also in this mode."""
    server.script(answered(OWN), answered(ARGUMENTS))
    await model.complete(planning())
    words = "This model's maximum context length is 4096 tokens."
    server.script(failure(400, words))
    with pytest.raises(ContextTooLongError):
        await model.complete(planning())


async def test_a_second_request_that_breaks_off_counts_the_first(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """What the first one cost is in the error, and the next attempt goes by schema at once."""
    server.script(answered(OWN, 1000, 50), failure(500))
    with pytest.raises(ModelUnreachableError) as caught:
        await model.complete(planning())
    assert caught.value.tokens == (1000, 50)
    assert caught.value.usd == Decimal("0.0012")
    server.script(answered(BY_SCHEMA))
    assert (await model.complete(planning())).tool_calls
    assert forms(server) == ["tools", "schema", "schema"]


async def test_both_requests_stay_under_the_ceiling_of_one(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """The second may answer with what is left of the first one's reservation, no more."""
    most = model.ceiling(planning())
    server.script(answered(OWN, 1000, 1500), answered(ARGUMENTS))
    await model.complete(planning())
    room = server.requests[1]["max_tokens"]
    assert 256 <= room < planning().max_tokens
    assert Decimal(1000 + 1500 * 4 + room * 4) / 1_000_000 <= most


async def test_without_money_left_no_second_request_is_made(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """A first answer that used it up is to be sent back; the model is remembered all the same."""
    server.script(answered(OWN, 100, 2048), answered(BY_SCHEMA))
    got = await model.complete(planning())
    assert (got.text, [call.name for call in got.tool_calls]) == ("", ["note.append"])
    assert (await model.complete(planning())).tool_calls
    assert forms(server) == ["tools", "schema"]


async def test_a_call_by_schema_without_room_offers_tools(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Where describing the tools would cost more than one call may, they are offered as ever."""
    server.script(answered(OWN), answered(ARGUMENTS), answered("ok"))
    await model.complete(planning())
    tool = ToolSpec(name="long", description="x" * 20_000, parameters={"type": "object"})
    await model.complete(planning().model_copy(update={"tools": (tool,)}))
    assert forms(server) == ["tools", "schema", "tools"]


async def test_json_is_not_shown_while_it_may_be_a_call(
    server: OpenAiServer, model: LiteLlmModel, shown: list[str]
) -> None:
    """A streamed object that becomes a call is never shown; a reply by schema is, whole."""
    server.script(stream(["``", "`json\n", '{"text"', ': "a"}', "\n```"]))
    assert (await model.complete(planning(), shown.append)).tool_calls
    assert shown == []
    server.script(stream(['{"port"', ": 80}"]), answered('{"call": null, "reply": "Port 80."}'))
    await model.complete(planning(), shown.append)
    assert shown == ["Port 80."]


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        (["Hel", "lo {", "you}"], ["Hello {", "you}"]),
        (["```", "py\nx = 1", "\n```"], ["```py\nx = 1\n```"]),
    ],
)
async def test_words_are_shown_as_they_come(
    model: LiteLlmModel,
    server: OpenAiServer,
    shown: list[str],
    words: list[str],
    pieces: list[str],
) -> None:
    """Plain text streams on; a fence is kept back until it is known to hold no call."""
    server.script(stream(words))
    got = await model.complete(planning(), shown.append)
    assert shown == pieces
    assert "".join(shown) == got.text


@pytest.fixture
async def free(server: OpenAiServer) -> AsyncIterator[LiteLlmModel]:
    """Give a model that costs nothing."""
    tier: dict[str, Any] = {"api_base": server.api_base, "prices": Prices(Decimal(0), Decimal(0))}
    model = LiteLlmModel({"balanced": TierConfig("local", **tier)})
    yield model
    await model.close()


async def test_what_costs_nothing_has_room(server: OpenAiServer, free: LiteLlmModel) -> None:
    """A free model is asked again with the full length, whatever it wrote before."""
    server.script(answered(OWN, 100, 2048), answered(ARGUMENTS))
    got = await free.complete(planning())
    assert (len(got.tool_calls), got.usd) == (1, Decimal(0))
    assert server.requests[1]["max_tokens"] == planning().max_tokens
