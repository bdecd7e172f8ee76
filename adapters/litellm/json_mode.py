"""Tool calls for models that have none: a JSON object in their text, or one asked for by schema.

Pure: requests and answers in, requests and answers out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.litellm.shapes.thoughts import said_of
from adapters.litellm.shapes.written import written_calls
from core.domain.errors import BadInputError
from core.domain.whole_text import read_json
from core.ports.model import ModelMessage, ModelRequest, ToolCall, ToolSpec

_WRAPPED: Final = re.compile(
    r"```\w*\s*(?P<fenced>\{.*\})\s*```|<(?P<tag>tool_call|tools)>\s*(?P<tagged>\{.*\})\s*</(?P=tag)>",
    re.DOTALL,
)
_NAMED: Final = re.compile(
    r"\"(?:name|action)\"\s*:\s*\"(?P<name>[^\"]+)\"\s*,\s*\"(?:arguments|parameters|args)\"\s*:"
)
_TAGGED: Final = re.compile(r"<(?:tools?|tool_call|function(?:_call)?|tasks?|plan|submit_\w+)\b")
_NOTATION: Final = re.compile(
    r"(?:```\w*\s*|`?)(?:\w+\()?(?P<name>[A-Za-z_]\w*(?:\.\w+)+)\(.*\)(?:\s*```|`?)", re.DOTALL
)
_CALL: Final = "call"
"""Comes first: a small model that may begin with words says that it has done what it has not."""
_REPLY: Final = "reply"
_ARGUMENTS: Final = ("arguments", "parameters")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "null": (type(None),),
}


def object_in(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is, fenced or not; None where there is more, or none."""
    wrapped = _WRAPPED.fullmatch(text.strip())
    body = (wrapped["fenced"] or wrapped["tagged"]) if wrapped else text.strip()
    if not body.startswith("{"):
        return None
    try:
        found = read_json(body)
    except BadInputError:
        return None
    return found if isinstance(found, dict) else None


def call_in(found: Mapping[str, Any], tools: tuple[ToolSpec, ...]) -> ToolCall | None:
    """Return the call of an offered tool that an object is: by name, or as fitting arguments.

    Arguments of a tool that is named are taken as they are; who asked validates them anyway.
    """
    named = next((tool for tool in tools if tool.name == found.get("name")), None)
    given = next((found[key] for key in _ARGUMENTS if key in found), None)
    if named is not None and isinstance(given, (dict, str)):
        return _call(named.name, given)
    fitting = next((tool for tool in tools if _fits(found, tool.parameters)), None)
    return None if fitting is None else _call(fitting.name, dict(found))


def is_meant_as_call(text: str, request: ModelRequest) -> bool:
    """Return whether a text is, or holds, a call of what is no tool: `{"name": …}` or `a.b(…)`.

    Markup that models are taught to call tools with always is one. In words or in broken JSON (a
    brace too many, where the prompt has `{{ t1 }}`) the first form counts where the prompt tells of
    that name; so does the second form, which has to stand alone.
    """
    found = object_in(text)
    if _TAGGED.match(text.strip()):
        return True
    if found is not None:
        return isinstance(found.get("name"), str) and any(key in found for key in _ARGUMENTS)
    written = _NAMED.search(text) or _NOTATION.fullmatch(text.strip())
    return written is not None and _is_told(written["name"], request)


def meant_call(text: str, request: ModelRequest) -> tuple[str, str]:
    """Return name and arguments of what a text was meant to call, as far as it can be told."""
    found = object_in(text) or {}
    given = next((found[key] for key in _ARGUMENTS if key in found), None)
    if isinstance(found.get("name"), str) and isinstance(given, dict):
        return found["name"], json.dumps(given, ensure_ascii=False)
    return request.require or request.tools[0].name, text


def _is_told(name: str, request: ModelRequest) -> bool:
    if any(tool.name == name for tool in request.tools):
        return True
    texts = (message.content for message in request.messages if message.role == "system")
    return any(f"{name}(" in text for text in texts)


def by_schema(request: ModelRequest) -> ModelRequest:
    """Return the request in words: the tools described in the system prompt, calls as JSON text.

    The tools stay in it, because the schema that goes along is read, and paid for, too.
    """
    told = _told(request)
    names: dict[str, str] = {}
    messages: list[ModelMessage] = []
    for message in request.messages:
        names |= {call.id: call.name for call in message.tool_calls}
        messages.append(_in_words(message, request, names))
    if messages and messages[0].role == "system":
        content = f"{messages[0].content}\n\n{told}"
        messages[0] = messages[0].model_copy(update={"content": content})
    else:
        messages.insert(0, ModelMessage(role="system", content=told))
    return request.model_copy(update={"messages": tuple(messages)})


def response_format(request: ModelRequest) -> dict[str, Any]:
    """Return the `response_format` that holds an answer to the required tool, or to its forms."""
    definitions: dict[str, Any] = {}
    required = _required(request)
    if required is not None:
        schema = _hoisted(required, definitions)
    else:
        call = {"anyOf": [{"type": "null"}, *_calls(request.tools, definitions)]}
        schema = {
            "type": "object",
            "properties": {_CALL: call, _REPLY: {"type": ["string", "null"]}},
            "required": [_CALL, _REPLY],
        }
    if definitions:
        schema = {**schema, "$defs": definitions}
    name = "answer" if required is None else re.sub(r"[^\w-]", "_", required.name)
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}


def read(text: str, request: ModelRequest) -> tuple[str, tuple[ToolCall, ...]]:
    """Return text and calls of an answer by schema.

    One that is cut or no JSON at all becomes a call that does not validate where a call was due, so
    that whoever asked can say what is wrong with it; words are a reply.
    """
    found = object_in(text)
    required = _required(request)
    if found is None:
        if calls := written_calls(text, request.tools):
            return "", calls
        due = required is not None or text.lstrip().startswith("{")
        return ("", (_call((required or request.tools[0]).name, text),)) if due else (text, ())
    if required is not None:
        call = call_in(found, (required,)) or _call(required.name, found)
        return "", (call,)
    if found.keys() & {_REPLY, _CALL}:
        said, called = found.get(_REPLY), found.get(_CALL)
        return (said_of(said) if isinstance(said, str) else ""), _answered(called, request.tools)
    # A server that passes over the schema.
    call_or_none = call_in(found, request.tools)
    return ("", (call_or_none,)) if call_or_none else (text, ())


def _answered(called: object, tools: tuple[ToolSpec, ...]) -> tuple[ToolCall, ...]:
    if not isinstance(called, dict):
        return ()
    found = call_in(called, tools)
    return (found or _call(tools[0].name, called),)


def _call(name: str, arguments: dict[str, Any] | str) -> ToolCall:
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(id="call-0", name=name, arguments=raw)


def _fits(found: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Return whether an object has the keys of a schema, at least one, and values of their types.

    What is deeper down is for whoever asked to validate, and to send back.
    """
    properties: Mapping[str, Any] = schema.get("properties") or {}
    if not found or not set(schema.get("required") or ()) <= found.keys() <= properties.keys():
        return False
    return all(_is_of(value, properties[key].get("type")) for key, value in found.items())


def _is_of(value: object, kinds: object) -> bool:
    names = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(names, list):
        return True
    return any(isinstance(value, _TYPES.get(str(name), (object,))) for name in names)


def _required(request: ModelRequest) -> ToolSpec | None:
    return next((tool for tool in request.tools if tool.name == request.require), None)


def _calls(tools: tuple[ToolSpec, ...], definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for tool in tools:
        schema = _hoisted(tool, definitions)
        if len(tools) == 1:
            yield schema
        else:
            properties = {"name": {"const": tool.name}, _ARGUMENTS[0]: schema}
            yield {"type": "object", "properties": properties, "required": list(properties)}


def _hoisted(tool: ToolSpec, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a tool's schema with its definitions put beside those of the others."""
    own = dict(tool.parameters)
    found = own.pop("$defs", {})
    definitions |= {f"{tool.name}_{name}": _moved(value, tool) for name, value in found.items()}
    moved: dict[str, Any] = _moved(own, tool)
    return moved


def _moved(value: Any, tool: ToolSpec) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_moved(item, tool) for item in value]
    if not isinstance(value, dict):
        return value
    moved = {key: _moved(item, tool) for key, item in value.items()}
    if isinstance(reference := value.get("$ref"), str):
        moved["$ref"] = reference.replace("#/$defs/", f"#/$defs/{tool.name}_", 1)
    return moved


def _told(request: ModelRequest) -> str:
    required = _required(request)
    if required is not None:
        shape = f"To call {required.name}, answer with the JSON object of its arguments alone."
    else:
        one = '{"name": tool, "arguments": {…}}'
        if len(request.tools) == 1:
            one = f"the arguments of {request.tools[0].name}"
        shape = (
            "Answer with one JSON object. "
            f'To do something: {{"{_CALL}": {one}, "{_REPLY}": null}}. '
            f'To only talk: {{"{_CALL}": null, "{_REPLY}": text}}.'
        )
    tools = [required] if required is not None else request.tools
    lines = [f"- {t.name}: {t.description} Arguments: {_compact(t.parameters)}" for t in tools]
    return "\n".join([shape, "Tools:", *lines])


def _in_words(
    message: ModelMessage, request: ModelRequest, names: Mapping[str, str]
) -> ModelMessage:
    if message.role == "tool":
        name = names.get(message.tool_call_id or "", "tool")
        return ModelMessage(role="user", content=f"{name}: {message.content}")
    if not message.tool_calls:
        return message
    said = "\n".join(_said(call, message.content, request) for call in message.tool_calls)
    return ModelMessage(role="assistant", content=said)


def _said(call: ToolCall, text: str, request: ModelRequest) -> str:
    """Return an earlier call in the form that is asked for now; broken JSON stays as it was."""
    found = object_in(call.arguments)
    if found is None or request.require is not None:
        return call.arguments
    one = found if len(request.tools) == 1 else {"name": call.name, _ARGUMENTS[0]: found}
    return _compact({_CALL: one, _REPLY: text or None})


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
