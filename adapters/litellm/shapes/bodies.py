"""What servers send for OpenAI's protocol, brought into its form before litellm reads it.

litellm refuses or passes over what is not quite that form: a content in parts, a refusal, a call
that is no list, an end without a reason. Bytes in, bytes out; what is in form stays as it came.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from adapters.litellm.shapes.calls import CallPieces
from adapters.litellm.usage import count, is_fraction
from core.ports.model import ToolCall

_COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
_DONE: Final = b"[DONE]"
_THOUGHTS: Final = frozenset({"thinking", "reasoning", "redacted_thinking", "reasoning_content"})

Json = dict[str, Any]


def whole_answer(body: bytes, keep: Callable[[Json], None]) -> bytes:
    """Return the body of a whole answer in form; of anything else as it is.

    Its usage is made readable, for litellm would throw the answer away for it. One in fractions, or
    beside an error, goes to `keep` as it was told. Events where a whole answer was asked for are
    put together.
    """
    if body.lstrip()[:1] != b"{":
        return _from_events(body) if b"data:" in body and b'"choices"' in body else body
    answer = _json(body.rpartition(b"data:")[0] if body.rstrip().endswith(_DONE) else body)
    if answer is None:
        return body
    usage = answer.get("usage")
    if isinstance(usage, dict):
        if answer.get("error") or any(is_fraction(usage.get(name)) for name in _COUNTS):
            keep(usage)
        answer["usage"] = usage | {name: count(usage[name]) for name in _COUNTS if name in usage}
    else:
        answer.pop("usage", None)
    if not _is_answer(answer):
        return json.dumps(answer).encode() if "error" in answer else body
    choices = [_choice(one, "message") for one in _objects(answer["choices"])]
    return json.dumps({**answer, "choices": _one_choice(choices)}).encode()


def as_events(body: bytes, keep: Callable[[Json], None]) -> bytes:
    """Return a whole answer as the events that were asked for, an error too; else as it is."""
    answer = _json(whole_answer(body, keep))
    if answer is None or not (_is_answer(answer) or "error" in answer):
        return body
    if not _is_answer(answer):
        return _event(answer)
    head = {name: value for name, value in answer.items() if name not in {"choices", "usage"}}
    head["object"] = "chat.completion.chunk"
    events = []
    for choice in answer["choices"][:1]:
        message = dict(choice.get("message") or {})
        calls = [{**c, "index": n} for n, c in enumerate(message.pop("tool_calls", None) or [])]
        delta = {**message, **({"tool_calls": calls} if calls else {})}
        events.append({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        reason = choice.get("finish_reason") or "stop"
        events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    if "usage" in answer:
        events.append({**head, "choices": [], "usage": answer["usage"]})
    return b"".join(map(_event, events)) + b"data: [DONE]\n\n"


class Events:
    """The events of a stream, line by line."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: list[bytes] = []
        self._head: Json = {}
        self._begun = self._ended = False

    def take(self, piece: bytes) -> bytes:
        """Return the lines that are complete with a piece, in form."""
        self._parts.append(piece)
        if b"\n" not in piece and b"\r" not in piece:
            return b""
        *lines, rest = _lines(b"".join(self._parts))
        self._parts = [rest]
        return b"".join(map(self._read, lines))

    def end(self) -> bytes:
        """Return the rest, a last line without an end."""
        line = b"".join(self._parts)
        self._parts = []
        return self._read(line)

    def _read(self, line: bytes) -> bytes:
        if not line.startswith(b"data:"):
            return line
        data = line[5:].strip()
        if data == _DONE and self._begun and not self._ended:
            # Its server says that all was sent, and forgot to say why it ended.
            end = {"index": 0, "delta": {}, "finish_reason": "stop"}
            return _event({**self._head, "choices": [end]}) + line
        chunk = _json(data)
        if chunk is None or not _is_answer(chunk):
            return line
        return self._in_form(chunk, line)

    def _in_form(self, chunk: Json, line: bytes) -> bytes:
        choices = [_choice(one, "delta") for one in _objects(chunk["choices"])]
        if error := next((one["error"] for one in choices if "error" in one), None):
            return _event({"error": error})
        changed = {**chunk, "choices": _one_choice(choices)}
        self._head = {k: v for k, v in changed.items() if k not in {"choices", "usage"}}
        for choice in changed["choices"]:
            delta = choice["delta"]
            self._begun = self._begun or bool(delta.get("content") or delta.get("tool_calls"))
            self._ended = self._ended or bool(choice["finish_reason"])
        if changed == chunk:
            return line
        ends = line[len(line.rstrip(b"\r\n")) :]
        return b"data: " + json.dumps(changed).encode() + ends


def _from_events(body: bytes) -> bytes:
    """Return the whole answer that a stream of events tells."""
    events = Events()
    told = events.take(body) + events.end()
    datas = (line[5:].strip() for line in told.splitlines() if line.startswith(b"data:"))
    chunks = [chunk for data in datas if (chunk := _json(data)) is not None]
    text: list[str] = []
    calls = CallPieces(frozenset())
    answer: Json = {}
    reason: str | None = None
    for chunk in chunks:
        if "error" in chunk:
            return json.dumps(chunk).encode()
        answer |= {name: value for name, value in chunk.items() if value}
        for choice in _objects(chunk.get("choices")):
            reason = choice.get("finish_reason") or reason
            text.append(choice["delta"].get("content") or "")
            for place, call in enumerate(choice["delta"].get("tool_calls") or ()):
                function = call["function"]
                key = call.get("index", place)
                calls.take(key, call.get("id") or "", function["name"], function["arguments"])
    if not answer or reason is None:
        return body
    message: Json = {"role": "assistant", "content": "".join(text)}
    if calls:
        message["tool_calls"] = [_sent(call) for call in calls.calls()]
    answer["object"] = "chat.completion"
    answer["choices"] = [{"index": 0, "message": message, "finish_reason": reason}]
    return json.dumps(answer).encode()


def _sent(call: ToolCall) -> Json:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _one_choice(choices: list[Json]) -> list[Json]:
    """Return one choice, as it was asked for: some servers part the text from the calls."""
    if len(choices) < 2:  # noqa: PLR2004 - the text, and the calls
        return choices
    first = choices[0]
    said = "message" if "message" in first else "delta"
    for other in choices[1:]:
        if (calls := other[said].get("tool_calls")) and not first[said].get("tool_calls"):
            first[said]["tool_calls"] = calls
            first["finish_reason"] = other["finish_reason"] or first["finish_reason"]
    return [first]


def _choice(choice: Json, said: str) -> Json:
    """Return a choice of a whole answer (`message`) or of a piece (`delta`) in form."""
    found = choice.get(said) or choice.get("delta") or choice.get("message")
    if not isinstance(found, dict):
        text = found if isinstance(found, str) else choice.get("text")
        found = {"content": text} if isinstance(text, str) else {}
    reason = choice.get("finish_reason")
    kept = {k: v for k, v in choice.items() if k not in {"delta", "message", "text"}}
    kept[said] = _message(found)
    kept["finish_reason"] = reason if isinstance(reason, str) and reason else None
    if reason == "error":
        kept["error"] = choice.get("error") or {"message": "it ended with an error"}
    return {"index": 0, **kept} if said == "delta" else kept


def _message(found: Json) -> Json:
    kept = dict(found)
    if "role" in kept:
        kept["role"] = "assistant"
    content, refusal = kept.get("content"), kept.get("refusal")
    said = content if isinstance(content, str) else _text(content)
    if isinstance(refusal, str) and refusal:
        said, kept["refusal"] = f"{said}\n\n{refusal}" if said else refusal, None
    if said != content and (said or content is not None):
        kept["content"] = said
    calls = kept.get("tool_calls") or kept.pop("function_call", None)
    if calls:
        kept["tool_calls"] = [_call(one) for one in _objects(calls)]
    return kept


def _text(content: object) -> str:
    """Return what is said in a content of parts, without what is thought."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(map(_text, content))
    if not isinstance(content, dict) or content.get("type") in _THOUGHTS:
        return ""
    return next(
        (_text(content[k]) for k in ("text", "content", "refusal", "value") if content.get(k)), ""
    )


def _call(call: Json) -> Json:
    function = call.get("function")
    function = function if isinstance(function, dict) else call
    name, arguments = function.get("name"), function.get("arguments")
    if arguments is None:
        arguments = function.get("parameters")
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else json.dumps(arguments)
    kept: Json = {"type": "function", "function": {"name": _string(name), "arguments": arguments}}
    if call.get("id") is not None:
        kept["id"] = _string(call["id"])
    index = call.get("index")
    if isinstance(index, int) or (isinstance(index, str) and index.isdecimal()):
        kept["index"] = int(index)
    return {**{k: v for k, v in call.items() if k not in {*kept, "index", "id", "type"}}, **kept}


def _string(value: object) -> str:
    return "" if value is None else str(value)


def _is_answer(value: Mapping[str, Any]) -> bool:
    return "choices" in value and isinstance(value["choices"], list | dict | None)


def _objects(value: object) -> list[Json]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def _json(data: bytes) -> Json | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def _lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines of some bytes, and last what has no end yet."""
    *lines, last = data.splitlines(keepends=True) or [b""]
    yield from lines
    if last.endswith(b"\n"):
        yield last
        last = b""
    yield last
