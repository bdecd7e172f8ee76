"""The shapes in which models and their servers answer, each from a public report.

Each says a text, or calls a tool, in its own way; `reply` gives it as it was asked for, whole or
piece by piece.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.servers.http import Reply, json_reply
from tests.servers.openai import usage

Json = dict[str, Any]
THOUGHT = "Okay, the owner wants something. SECRET-THOUGHT, wait, let me see."
PIECE = 7  # characters: marks come cut in two


class Wire(NamedTuple):
    """An answer on its way: deltas of a stream, and the message where it is sent whole."""

    deltas: list[Any]
    message: Json
    finish: str | None = "stop"
    done: bool = True


class Shape(NamedTuple):
    """A shape, and who reported it."""

    name: str
    report: str
    make: Callable[..., Wire]


def content(text: str) -> Wire:
    """Return an answer in text, in pieces."""
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    return Wire([{"content": piece} for piece in pieces], {"role": "assistant", "content": text})


def called(*deltas: Json, message: Json | None = None) -> Wire:
    """Return tool calls in pieces; whole they are the same pieces unless a message is given."""
    whole = message or {"tool_calls": [call for delta in deltas for call in delta["tool_calls"]]}
    return Wire(list(deltas), {"role": "assistant", "content": None, **whole}, "tool_calls")


def piece(name: str | None, arguments: Any, index: int | None = 0, call: Any = None) -> Json:  # noqa: ANN401 - any JSON
    """Return a delta with a piece of a tool call."""
    function = {"name": name, "arguments": arguments}
    one: Json = {"function": {k: v for k, v in function.items() if v is not None}}
    if index is not None:
        one["index"] = index
    if call is not None:
        one |= {"id": call, "type": "function"}
    return {"tool_calls": [one]}


def native(name: str, args: Json) -> Wire:
    """Return a call as OpenAI's protocol has it."""
    raw = json.dumps(args)
    whole = piece(name, raw, call="call_1")
    return called(piece(name, raw[:9], call="call_1"), piece(None, raw[9:]), message=whole)


def reply(wire: Wire, *, stream: bool) -> Reply:
    """Return what the server sends of an answer."""
    head = {"id": "chatcmpl-1", "created": 1, "model": "scripted"}
    if not stream:
        choice = {"index": 0, "message": wire.message, "finish_reason": wire.finish}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage()}
        return json_reply(whole)
    head["object"] = "chat.completion.chunk"
    told = [{"index": 0, "delta": delta, "finish_reason": None} for delta in wire.deltas]
    if wire.finish is not None:
        told.append({"index": 0, "delta": {}, "finish_reason": wire.finish})
    events = [{**head, "choices": [choice]} for choice in told]
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    body = "".join(lines) + ("data: [DONE]\n\n" if wire.done else "")
    return Reply(body=body.encode(), content_type="text/event-stream")


def _wrapped(before: str, after: str = "") -> Callable[[str], Wire]:
    return lambda text: content(f"{before}{text}{after}")


def _parts(text: str) -> Wire:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}
    said = {"type": "text", "text": text}
    return Wire(
        [{"content": [thought]}, {"content": [said]}],
        {"role": "assistant", "content": [thought, said]},
    )


def _field(field: str) -> Callable[[str], Wire]:
    def make(text: str) -> Wire:
        deltas = [{field: THOUGHT, "content": None}, {"content": text}]
        return Wire(deltas, {"role": "assistant", "content": text, field: THOUGHT})

    return make


def _refused(text: str) -> Wire:
    half = len(text) // 2
    deltas = [{"content": None, "refusal": text[:half]}, {"refusal": text[half:]}]
    return Wire(deltas, {"role": "assistant", "content": None, "refusal": text})


HARMONY = f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant"
SAYS = (
    Shape("plain", "the protocol itself", content),
    Shape("think", "ollama/ollama#11064", _wrapped(f"<think>\n{THOUGHT}\n</think>\n\n")),
    Shape("empty think", "ollama/ollama#11064", _wrapped("<think>\n\n</think>\n\n")),
    Shape("no opening", "open-webui/open-webui#9808", _wrapped(f"{THOUGHT}\n</think>\n\n")),
    Shape("THINK", "RooCodeInc/Roo-Code#8522", _wrapped(f"[THINK]{THOUGHT}[/THINK]")),
    Shape("thinking", "continuedev/continue#6278", _wrapped(f"<thinking>{THOUGHT}</thinking>\n")),
    Shape(
        "two thoughts", "ikawrakow/ik_llama.cpp#690", _wrapped(f"<think>{THOUGHT}</think>\n" * 2)
    ),
    Shape("harmony", "johnbean393/Sidekick#75", _wrapped(f"{HARMONY}<|channel|>final<|message|>")),
    Shape("stripped", "ggml-org/llama.cpp#15789", _wrapped(f"analysis{THOUGHT}assistantfinal")),
    Shape(
        "answer tag",
        "vllm-project/vllm#58127",
        _wrapped(f"<think>{THOUGHT}</think>\n<answer>", "</answer>"),
    ),
    Shape("end token", "01-ai/Yi#262", _wrapped("", "<|im_end|>")),
    Shape("next turn", "airockchip/rknn-llm#36", _wrapped("", f"<|end|><|assistant|> {THOUGHT}")),
    Shape("parts", "agentjido/req_llm#742", _parts),
    Shape("reasoning", "langgenius/dify#13590", _field("reasoning")),
    Shape("reasoning_content", "tw93/Kaku#340", _field("reasoning_content")),
    Shape("refusal", "langchain4j/langchain4j#6113", _refused),
    Shape("no finish", "waybarrios/vllm-mlx#628", lambda text: content(text)._replace(finish=None)),
    Shape("empty finish", "ollama/ollama#4357", lambda text: content(text)._replace(finish="")),
    Shape(
        "message for delta",
        "openclaw/openclaw#102349",
        lambda text: Wire([None, {"content": text}], {"content": text}),
    ),
)
"""Ways to say a text."""


def _raw(make: Callable[[str, str, Json], str]) -> Callable[[str, Json], Wire]:
    return lambda name, args: content(make(name, json.dumps(args), args))


def _repeated(name: str, args: Json) -> Wire:
    raw = json.dumps(args)
    parts = (piece(name, raw[at : at + 9], call="call_1") for at in range(0, len(raw), 9))
    return called(*parts, message=piece(name, raw, call="call_1"))


def _named_in_parts(name: str, args: Json) -> Wire:
    raw = json.dumps(args)
    pieces = (piece(name[:4], "", call="call_1"), piece(name[4:], None), piece(None, raw))
    return called(*pieces, message=piece(name, raw, call="call_1"))


def _new_ids(name: str, args: Json) -> Wire:
    raw = json.dumps(args)
    pieces = (piece(name, raw[:9], call="call_1"), piece(None, raw[9:], call="call_2"))
    return called(*pieces, message=piece(name, raw, call="call_1"))


def _sent_again(name: str, args: Json) -> Wire:
    raw = json.dumps(args)
    pieces = (piece(name, raw[:9], call="call_1"), piece(None, raw[9:]), piece(None, raw))
    return called(*pieces, message=piece(name, raw, call="call_1"))


def _as_function(name: str, args: Json) -> Wire:
    call = {"function_call": {"name": name, "arguments": json.dumps(args)}}
    return Wire([{"content": None, **call}], {"role": "assistant", "content": None, **call})


def _beside_a_thought(name: str, args: Json) -> Wire:
    plain = native(name, args)
    said = f"<think>{THOUGHT}</think>"
    return plain._replace(
        deltas=[*content(said).deltas, *plain.deltas], message={**plain.message, "content": said}
    )


def _xml(args: Mapping[str, Any], one: str) -> str:
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in args.items()}
    return "".join(one.format(k=k, v=v) for k, v in texts.items())


CALLS = (
    Shape("native", "the protocol itself", native),
    Shape("name repeated", "NousResearch/hermes-agent#12230", _repeated),
    Shape("name in parts", "continuedev/continue#5849", _named_in_parts),
    Shape("new ids", "poolsideai/pool#9", _new_ids),
    Shape("sent again", "open-webui/open-webui#22235", _sent_again),
    Shape("object", "ggml-org/llama.cpp#20202", lambda n, a: called(piece(n, a, call="call_1"))),
    Shape("no id", "sipeed/picoclaw#1287", lambda n, a: called(piece(n, json.dumps(a), None))),
    Shape("function_call", "QwenLM/Qwen-Agent#943", _as_function),
    Shape(
        "twice encoded",
        "tailcallhq/forgecode#2764",
        lambda n, a: called(piece(n, json.dumps(json.dumps(a)), call="call_1")),
    ),
    Shape(
        "token in the name",
        "fw-ai-external/python-sdk#119",
        lambda n, a: called(piece(f"{n}</arg_value>", json.dumps(a), call="call_1")),
    ),
    Shape(
        "fence in the arguments",
        "tenstorrent/tt-inference-server#3683",
        lambda n, a: called(piece(n, f"json\n{json.dumps(a)}", call="call_1")),
    ),
    Shape("beside a thought", "deepseek-ai/DeepSeek-R1#506", _beside_a_thought),
    Shape(
        "bare JSON",
        "NousResearch/hermes-agent#107125",
        _raw(lambda n, raw, _: f'{{"name": "{n}", "arguments": {raw}}}'),
    ),
    Shape(
        "JSON and words",
        "pyrate-llama/hermes-ui#6",
        _raw(lambda n, raw, _: f'{{"name": "{n}", "arguments": {raw}}}\nI will do this now.'),
    ),
    Shape(
        "tool_call",
        "vllm-project/vllm#17161",
        _raw(lambda n, raw, _: f'<tool_call>\n{{"name": "{n}", "arguments": {raw}}}\n</tool_call>'),
    ),
    Shape(
        "tool_call left open",
        "vllm-project/vllm#5649",
        _raw(lambda n, raw, _: f'Sure.\n<tool_call>{{"arguments": {raw}, "name": "{n}"}}'),
    ),
    Shape(
        "thought first",
        "QwenLM/qwen-code#10692",
        _raw(
            lambda n, raw, _: (
                f"<think>{THOUGHT}</think>\n"
                f'<tool_call>{{"name": "{n}", "arguments": {raw}}}</tool_call>'
            )
        ),
    ),
    Shape(
        "parameters in tags",
        "ggml-org/llama.cpp#15012",
        _raw(
            lambda n, _, a: (
                f"<tool_call>\n<function={n}>\n"
                + _xml(a, "<parameter={k}>\n{v}\n</parameter>\n")
                + "</function>\n</tool_call>"
            )
        ),
    ),
    Shape(
        "invoke",
        "vellum-ai/vellum-assistant#42234",
        _raw(
            lambda n, _, a: (
                f'count\n<invoke name="{n}">\n'
                + _xml(a, '<parameter name="{k}">{v}</parameter>\n')
                + "</invoke>"
            )
        ),
    ),
    Shape(
        "minimax",
        "EKKOLearnAI/hermes-studio#942",
        _raw(
            lambda n, _, a: (
                f'<minimax:tool_call>\n<invoke name="{n}">\n'
                + _xml(a, '<parameter name="{k}">{v}</parameter>\n')
                + "</invoke>\n</minimax:tool_call>"
            )
        ),
    ),
    Shape(
        "arg_key",
        "vllm-project/vllm#39253",
        _raw(
            lambda n, _, a: (
                f"<tool_call>{n}\n"
                + _xml(a, "<arg_key>{k}</arg_key>\n<arg_value>{v}</arg_value>\n")
                + "</tool_call>"
            )
        ),
    ),
    Shape(
        "DSML",
        "XNet-NGO/aiope#119",
        _raw(
            lambda n, _, a: (
                f'<｜DSML｜function_calls>\n<｜DSML｜invoke name="{n}">\n'
                + _xml(a, '<｜DSML｜parameter name="{k}" string="true">{v}</｜DSML｜parameter>\n')
                + "</｜DSML｜invoke>\n</｜DSML｜function_calls>"
            )
        ),
    ),
    Shape(
        "deepseek",
        "google/adk-python#5654",
        _raw(
            lambda n, raw, _: (
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>"
                f"{n}\n```json\n{raw}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
            )
        ),
    ),
    Shape(
        "kimi",
        "vybestack/llxprt-code#749",
        _raw(
            lambda n, raw, _: (
                f"<|tool_calls_section_begin|><|tool_call_begin|>functions.{n}:0"
                f"<|tool_call_argument_begin|>{raw}<|tool_call_end|><|tool_calls_section_end|>"
            )
        ),
    ),
    Shape(
        "harmony",
        "lablup/mlxcel#658",
        _raw(
            lambda n, raw, _: (
                f"{HARMONY}<|channel|>commentary to=functions.{n} <|constrain|>json"
                f"<|message|>{raw}<|call|>"
            )
        ),
    ),
    Shape(
        "python_start",
        "vllm-project/vllm#16214",
        _raw(
            lambda n, raw, _: (
                f'<|python_start|>{{"name": "{n}", "parameters": {raw}}}<|python_end|>'
            )
        ),
    ),
    Shape(
        "TOOL_CALLS",
        "vllm-project/vllm#10333",
        _raw(lambda n, raw, _: f'[TOOL_CALLS][{{"name": "{n}", "arguments": {raw}}}]'),
    ),
    Shape("ARGS", "vllm-project/vllm#20028", _raw(lambda n, raw, _: f"[TOOL_CALLS]{n}[ARGS]{raw}")),
    Shape(
        "pythonic",
        "vllm-project/vllm#22917",
        _raw(
            lambda n, _, a: (
                "Let me do that.\n"
                f"[{n}({', '.join(f'{key}={value!r}' for key, value in a.items())})]"
            )
        ),
    ),
    Shape(
        "Action Input",
        "run-llama/llama_index#19187",
        _raw(lambda n, raw, _: f"I need a tool.\n\nAction: {n}\nAction Input: {raw}"),
    ),
    Shape(
        "list",
        "nugget/thane-ai-agent#21",
        _raw(lambda n, raw, _: f'[{{"name": "{n}", "arguments": {raw}}}]'),
    ),
)
"""Ways to call a tool."""
