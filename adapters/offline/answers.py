"""What the offline model answers as an agent: plain text from inputs, or an honest minimum."""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.ports.model import ModelRequest, ToolSpec

_HONEST: Final = "No model was available, so this was not done."
_HONEST_WORDS: Final = ("escalate", "inconclusive", "unknown", "none", "failed", "no")
_DEEPEST: Final = 8

Schema = Mapping[str, Any]


def agent_answer(request: ModelRequest, tool: ToolSpec) -> dict[str, Any]:
    """Return the arguments for the result tool: the schema's required fields, honestly filled."""
    filled = _filled(tool.parameters, tool.parameters, 0)
    answer: dict[str, Any] = filled if isinstance(filled, dict) else {}
    if request.agent == "assistant":
        answer["text"] = compose(_last_user(request))
    return answer


def compose(content: str) -> str:
    """Return a readable text from the assistant's input `{"instruction", "inputs"}`."""
    try:
        task = json.loads(content)
    except ValueError:
        task = None
    if not isinstance(task, dict):
        return _HONEST
    inputs = task.get("inputs") or {}
    if isinstance(inputs, dict) and inputs.keys() == {"done", "answer"}:
        done = "\n".join(f"- {title}" for title in inputs["done"])
        return f"{inputs['answer']}\n\nDone:\n{done}"
    if not inputs:
        asked = str(task.get("instruction", "")).strip()
        return f"I cannot write this without a model: {asked}" if asked else _HONEST
    return _lines(inputs, 0)


def _lines(value: object, depth: int) -> str:
    """Return lists as bullets and objects as `key: value`, nested ones indented."""
    indent = "  " * depth
    if isinstance(value, Mapping):
        return "\n".join(_pair(str(key), item, depth) for key, item in value.items())
    if isinstance(value, list):
        return "\n".join(f"{indent}- {_lines(item, depth + 1).lstrip()}" for item in value)
    text = "" if value is None else str(value)
    return "\n".join(f"{indent}{line}" for line in text.splitlines())


def _pair(key: str, value: object, depth: int) -> str:
    indent, name = "  " * depth, key.replace("_", " ")
    if isinstance(value, Mapping | list) and value:
        return f"{indent}{name}:\n{_lines(value, depth + 1)}"
    text = _lines(value, 0) if not isinstance(value, Mapping | list) else "–"
    return f"{indent}{name}: {text}"


def _last_user(request: ModelRequest) -> str:
    return next((m.content for m in reversed(request.messages) if m.role == "user"), "")


def _filled(schema: Schema, root: Schema, depth: int) -> Any:  # noqa: ANN401 - any JSON value
    """Return the least value that the schema allows and that claims nothing."""
    schema = _pointed(schema, root)
    if "const" in schema:
        return schema["const"]
    if values := schema.get("enum"):
        return next((word for word in _HONEST_WORDS if word in values), values[-1])
    if options := schema.get("anyOf") or schema.get("oneOf"):
        if any(option.get("type") == "null" for option in options):
            return None
        return _filled(options[0], root, depth)
    return _typed(schema, root, depth)


def _typed(schema: Schema, root: Schema, depth: int) -> Any:  # noqa: ANN401 - any JSON value
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if kind == "object":
        required = schema.get("required", ()) if depth < _DEEPEST else ()
        properties = schema.get("properties", {})
        return {name: _filled(properties.get(name, {}), root, depth + 1) for name in required}
    if kind == "array":
        count = schema.get("minItems", 0) if depth < _DEEPEST else 0
        return [_filled(schema.get("items", {}), root, depth + 1) for _ in range(count)]
    if kind in {"number", "integer"}:
        return max(0, schema.get("minimum", 0))
    if kind in {"boolean", "null"}:
        return False if kind == "boolean" else None
    return _HONEST[: schema.get("maxLength", len(_HONEST))]


def _pointed(schema: Schema, root: Schema) -> Schema:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found = root.get("$defs", {}).get(name) if name else schema
    return found if isinstance(found, Mapping) else {}
