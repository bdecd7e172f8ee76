"""Calls of tools that a model writes into its text, in whatever markup it was taught.

All families write the same: a name, and then the arguments as JSON, as tags or as Python does. So
it is the known names that are looked for, not the markup around them.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from core.ports.model import ToolCall, ToolSpec

_NAMES: Final = ("name", "tool", "tool_name", "function", "function_name", "recipient_name")
_ARGUMENTS: Final = ("arguments", "parameters", "args", "input", "params", "tool_input")
_LISTS: Final = ("tool_calls", "tool_uses", "calls")
_BETWEEN: Final = (
    r"(?:\s|[\"'`>:(=]|:\d+|</?(?:name|arguments?|parameters|tool_name)>|<[|｜][^|｜<>]*[|｜]>"
    r"|\[ARGS\]|json\b|Action Input|arguments|parameters|args)*"
)
"""What stands between a name and the arguments of its call, in one markup or another."""
_PARAMETER: Final = re.compile(
    r"<(?:｜DSML｜)?parameter(?:=(?P<bare>[\w.-]+)|[^>]*?\bname=\"(?P<named>[^\"]+)\"[^>]*)>"
    r"(?P<value>.*?)(?:</(?:｜DSML｜)?parameter>|\Z)"
    r"|<arg_key>\s*(?P<key>[^<]*?)\s*</arg_key>\s*<arg_value>(?P<arg>.*?)(?:</arg_value>|\Z)",
    re.DOTALL,
)
_MARKUP: Final = re.compile(
    r"<(?:tool_call|function_calls?|function[=_ ]|invoke\b|minimax:tool_call|[|｜]DSML|tools>)"
    r"|\[TOOL_CALLS\]|<\|(?:python_tag|python_start|tool_call\w*)\|>|<｜tool▁call"
    r"|to=functions\.|^\s*Action Input\s*:",
    re.MULTILINE,
)
_CODE: Final = re.compile(r"```(?!\w*\s*[\[{]).*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)


_MOST_ENDS: Final = 100
"""Brackets that are tried as the end of a call: each is parsed, and a plan has few in its texts."""


class Written(NamedTuple):
    """A call that was found: which tool, with what."""

    name: str
    arguments: dict[str, Any]


def has_markup(text: str) -> bool:
    """Return whether a text has the markup of calls in it, outside of code that it quotes."""
    return _MARKUP.search(_CODE.sub("", text)) is not None


def written_calls(text: str, tools: tuple[ToolSpec, ...]) -> tuple[ToolCall, ...]:
    """Return the calls of offered tools that a text holds, in order; each is told once."""
    forms = {tool.name: tool.parameters for tool in tools}
    found: list[Written] = []
    for one in (*_in_json(text, forms), *_in_tags(text, forms), *_in_python(text, forms)):
        if one not in found:
            found.append(one)
    return tuple(
        ToolCall(
            id=f"call-{number}",
            name=one.name,
            arguments=json.dumps(one.arguments, ensure_ascii=False),
        )
        for number, one in enumerate(found)
    )


def _in_json(text: str, forms: Mapping[str, Any]) -> Iterator[Written]:
    """Yield calls whose arguments are a JSON object: with their name in it, or right before it."""
    decoder = json.JSONDecoder(strict=False)
    at = 0
    while (start := text.find("{", at)) >= 0:
        at = start + 1
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        calls = list(_named(value, forms))
        if not calls and (name := _name_before(text[:start], forms)):
            calls = [Written(name, value)]
        if calls:
            at = end
        yield from calls


def _named(value: object, forms: Mapping[str, Any]) -> Iterator[Written]:
    if not isinstance(value, dict):
        return
    for key in _LISTS:
        for one in value.get(key) or () if isinstance(value.get(key), list) else ():
            yield from _named(one, forms)
    if isinstance(value.get("function"), dict):
        yield from _named(value["function"], forms)
        return
    said = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
    name = said.rpartition("functions.")[2]
    if name not in forms:
        return
    given = next((value[key] for key in _ARGUMENTS if key in value), None)
    if isinstance(given, str):
        try:
            given = json.loads(given, strict=False)
        except (ValueError, RecursionError):
            return
    if isinstance(given, dict):
        yield Written(name, given)


def _name_before(text: str, forms: Mapping[str, Any]) -> str | None:
    """Return the name that stands right before the arguments of a call, None where none does."""
    tail = text[-200:]  # no markup between them is as long
    names = "|".join(re.escape(name) for name in sorted(forms, key=len, reverse=True))
    found = re.search(rf"(?<![\w.])(?:functions\.)?({names}){_BETWEEN}(?:```\w*\s*)?$", tail)
    return found[1] if found else None


def _in_tags(text: str, forms: Mapping[str, Any]) -> Iterator[Written]:
    """Yield calls whose arguments are tags, one each; their name stands before the first."""
    names = "|".join(re.escape(name) for name in sorted(forms, key=len, reverse=True))
    begins = re.compile(
        rf"(?:<(?:｜DSML｜)?(?:function|invoke|tool)[^<>]*?[=\"](?P<a>{names})\"?\s*>"
        rf"|<tool_call>\s*(?P<b>{names})\s*(?=<))"
    )
    starts = list(begins.finditer(text))
    for number, start in enumerate(starts):
        last = number + 1 == len(starts)
        body = text[start.end() : None if last else starts[number + 1].start()]
        name = start["a"] or start["b"]
        properties = forms[name].get("properties") or {}
        args = {}
        for one in _PARAMETER.finditer(body):
            key = one["bare"] or one["named"] or one["key"]
            value = one["value"] if one["arg"] is None else one["arg"]
            args[key] = _typed(value, properties.get(key, {}))
        if args:
            yield Written(name, args)


def _typed(text: str, form: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a tag: words where the tool wants words, else the JSON that it is."""
    value = text.removeprefix("\n").removesuffix("\n")
    if form.get("type") == "string":
        return value
    try:
        return json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return value


def _in_python(text: str, forms: Mapping[str, Any]) -> Iterator[Written]:
    """Yield calls as Python writes them: `name(text="a")`, also several in a list."""
    for name in forms:
        for start in re.finditer(rf"(?<![\w.]){re.escape(name)}\(", text):
            if (call := _expression(text[start.start() :])) is None:
                continue
            try:
                args = {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg}
                json.dumps(args)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue
            if args and not call.args:
                yield Written(name, args)


def _expression(text: str) -> ast.Call | None:
    """Return the call that a text begins with."""
    ends = (found.end() for found in re.finditer(r"\)", text[:20_000]))
    for end in islice(ends, _MOST_ENDS):
        try:
            node = ast.parse(text[:end], mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        return node if isinstance(node, ast.Call) else None
    return None
