import json
from typing import Any

import pytest

from adapters.litellm.json_mode import by_schema, call_in, object_in, read, response_format
from core.ports.model import ModelMessage, ModelRequest, ToolCall, ToolSpec
from tests.contracts.model import TOOL

SEARCH = ToolSpec(
    name="web__search",
    description="Search.",
    parameters={
        "type": "object",
        "properties": {"query": {"type": "string"}, "most": {"type": ["integer", "null"]}},
        "required": ["query"],
    },
)
NESTED = ToolSpec(
    name="nested",
    description="Nested.",
    parameters={
        "$defs": {"Part": {"type": "object", "properties": {"a": {"type": "string"}}}},
        "type": "object",
        "properties": {"parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}}},
    },
)


def request(*tools: ToolSpec, require: str | None = None) -> ModelRequest:
    """Return a request that offers tools."""
    messages = (
        ModelMessage(role="system", content="Rules.", stable=True),
        ModelMessage(role="user", content="find it"),
    )
    return ModelRequest(agent="x", tier="fast", messages=messages, tools=tools, require=require)


def called(name: str, arguments: str) -> tuple[str, tuple[ToolCall, ...]]:
    """Return what an answer that is one call reads as."""
    return "", (ToolCall(id="call-0", name=name, arguments=arguments),)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        ' \n{"a": 1}\n',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}\n```\n',
        '<tool_call>\n{"a": 1}\n</tool_call>',
    ],
)
def test_an_object_is_found_fenced_or_not(text: str) -> None:
    """A text that is one JSON object is read, whatever it is wrapped in."""
    assert object_in(text) == {"a": 1}


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[1]", '{"a": 1', 'Here: {"a": 1}', '```json\n{"a": 1}\n``` as you asked', "3"],
)
def test_more_than_an_object_is_text(text: str) -> None:
    """Words beside the object, other JSON and broken JSON stay text."""
    assert object_in(text) is None


@pytest.mark.parametrize(
    "found",
    [
        {"name": "web__search", "arguments": {"query": "q"}},
        {"name": "web__search", "parameters": {"query": "q"}},
        {"name": "web__search", "arguments": '{"query": "q"}'},
        {"query": "q"},
    ],
)
def test_a_call_by_name_or_by_its_arguments(found: dict[str, Any]) -> None:
    """The forms that models write a call in are all the same call."""
    call = call_in(found, (TOOL, SEARCH))
    assert call is not None
    assert (call.name, json.loads(call.arguments)) == ("web__search", {"query": "q"})


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"name": "note.append", "arguments": {"text": "x"}},
        {"query": 3},
        {"query": "q", "most": "many"},
        {"query": "q", "other": 1},
        {"most": 3},
    ],
)
def test_what_fits_no_tool_is_no_call(found: dict[str, Any]) -> None:
    """Another name, a wrong type, a key too many or one too few is not taken for a call."""
    assert call_in(found, (SEARCH,)) is None


def test_a_required_tool_is_held_to_its_own_schema() -> None:
    """With `require` the format is that tool's parameters, and the answer its arguments."""
    asked = request(SEARCH, TOOL, require=TOOL.name)
    form = response_format(asked)["json_schema"]
    assert form == {"name": TOOL.name, "schema": TOOL.parameters}
    assert read('{"text": "a"}', asked) == called(TOOL.name, '{"text": "a"}')


def test_one_tool_is_a_reply_or_its_arguments() -> None:
    """Where a call is free, the answer is an object with either words or the arguments."""
    asked = request(SEARCH)
    schema = response_format(asked)["json_schema"]["schema"]
    assert list(schema["properties"]) == schema["required"] == ["call", "reply"]
    assert schema["properties"]["call"] == {"anyOf": [{"type": "null"}, SEARCH.parameters]}
    assert read('{"reply": "hi", "call": null}', asked) == ("hi", ())
    wanted = called("web__search", '{"query": "q"}')
    assert read('{"reply": null, "call": {"query": "q"}}', asked) == wanted


def test_several_tools_are_called_by_name() -> None:
    """With several tools the schema ties each name to its arguments."""
    asked = request(SEARCH, TOOL)
    _, one, other = response_format(asked)["json_schema"]["schema"]["properties"]["call"]["anyOf"]
    assert one["properties"]["name"] == {"const": "web__search"}
    assert other["properties"]["arguments"] == TOOL.parameters
    answer = '{"reply": null, "call": {"name": "submit_result", "arguments": {"text": "a"}}}'
    assert read(answer, asked) == called(TOOL.name, '{"text": "a"}')


def test_definitions_of_several_tools_stay_apart() -> None:
    """References lead to definitions at the root, named by their tool."""
    other = NESTED.model_copy(update={"name": "other"})
    schema = response_format(request(NESTED, other))["json_schema"]["schema"]
    assert schema["$defs"].keys() == {"nested_Part", "other_Part"}
    assert '"$ref": "#/$defs/other_Part"' in json.dumps(schema["properties"])
    alone = response_format(request(NESTED, require="nested"))["json_schema"]["schema"]
    assert alone["properties"]["parts"]["items"] == {"$ref": "#/$defs/nested_Part"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("just words", ("just words", ())),
        ('{"reply": null, "call": null}', ("", ())),
        ('{"reply": null, "call": {"other": 1}}', called("web__search", '{"other": 1}')),
        ('{"query": "q"}', called("web__search", '{"query": "q"}')),
        ('{"something": 1}', ('{"something": 1}', ())),
        ('{"reply": "cut', called("web__search", '{"reply": "cut')),
    ],
)
def test_a_server_that_passes_over_the_schema(
    text: str, wanted: tuple[str, tuple[ToolCall, ...]]
) -> None:
    """Words are a reply, a call is a call, and what does not fit is left to be sent back."""
    assert read(text, request(SEARCH)) == wanted


def test_words_where_a_tool_was_required_do_not_validate() -> None:
    """An answer that is no JSON comes back as arguments, whose reader says what is wrong."""
    assert read("words", request(TOOL, require=TOOL.name)) == called(TOOL.name, "words")


def test_the_tools_are_told_at_the_end_of_the_stable_prompt() -> None:
    """The first system message gets name, description and arguments, and stays the same prefix."""
    first, user = by_schema(request(SEARCH)).messages
    assert first.content.startswith("Rules.\n\nAnswer with one JSON object.")
    assert '- web__search: Search. Arguments: {"type":"object"' in first.content
    assert first.stable
    assert user.content == "find it"


def test_a_prompt_without_a_system_message_gets_one() -> None:
    """The tools are told before the owner's words."""
    alone = request(TOOL).model_copy(
        update={"messages": (ModelMessage(role="user", content="go"),)}
    )
    assert [message.role for message in by_schema(alone).messages] == ["system", "user"]


@pytest.mark.parametrize(
    ("tools", "require", "said"),
    [
        ((SEARCH,), None, '{"call":{"query":"q"},"reply":null}'),
        (
            (SEARCH, TOOL),
            None,
            '{"call":{"name":"web__search","arguments":{"query":"q"}},"reply":null}',
        ),
        ((SEARCH,), "web__search", '{"query": "q"}'),
    ],
)
def test_earlier_calls_are_told_in_words(
    tools: tuple[ToolSpec, ...], require: str | None, said: str
) -> None:
    """A call reads in the form asked for now, and its result comes from the user, by name."""
    call = ToolCall(id="c1", name="web__search", arguments='{"query": "q"}')
    asked = request(*tools, require=require)
    more = (
        ModelMessage(role="assistant", content="", tool_calls=(call,)),
        ModelMessage(role="tool", content="nothing found", tool_call_id="c1"),
    )
    told = by_schema(asked.model_copy(update={"messages": (*asked.messages, *more)})).messages
    assert told[2] == ModelMessage(role="assistant", content=said)
    assert told[3] == ModelMessage(role="user", content="web__search: nothing found")


def test_a_broken_earlier_call_stays_as_it_was() -> None:
    """A repair round shows the model what it wrote, JSON or not."""
    call = ToolCall(id="c1", name="web__search", arguments='{"cut')
    asked = request(SEARCH)
    more = ModelMessage(role="assistant", content="", tool_calls=(call,))
    told = by_schema(asked.model_copy(update={"messages": (*asked.messages, more)})).messages
    assert told[2].content == '{"cut'
