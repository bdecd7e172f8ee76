"""A scripted OpenAI-compatible model server on loopback, over the scripted HTTP server."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from tests.servers.http import HttpServer, Reply, Request, json_reply

BACKLOG = 128
COMPLETIONS = "/v1/chat/completions"
EMBEDDINGS = "/v1/embeddings"
TRANSCRIPTIONS = "/v1/audio/transcriptions"


class Call(NamedTuple):
    """A tool call; `arguments` is JSON text, valid or not."""

    name: str
    arguments: str
    id: str = "call_1"


def usage(tokens_in: int = 100, tokens_out: int = 20, cached: int = 0) -> dict[str, Any]:
    """Return the usage as OpenAI tells it."""
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def answer(
    text: str | None = None,
    calls: Sequence[Call] = (),
    used: Mapping[str, Any] | None = None,
) -> Reply:
    """Return a whole chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    reason = "tool_calls" if calls else "stop"
    return json_reply(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "scripted",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": used or usage(),
        }
    )


def stream(
    words: Sequence[str] = (),
    calls: Sequence[Call] = (),
    *,
    used: Mapping[str, Any] | None = None,
    ends: bool = True,
) -> Reply:
    """Return a streamed chat completion; tool calls come in two pieces, `ends` says it is whole."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in words]
    for index, call in enumerate(calls):
        half = len(call.arguments) // 2
        whole = _call(call)
        whole["function"] = {"name": call.name, "arguments": call.arguments[:half]}
        rest = {"index": index, "function": {"arguments": call.arguments[half:]}}
        deltas += [{"tool_calls": [{"index": index, **whole}]}, {"tool_calls": [rest]}]
    chunks = [_chunk({"index": 0, "delta": delta, "finish_reason": None}) for delta in deltas]
    if ends:
        reason = "tool_calls" if calls else "stop"
        chunks.append(_chunk({"index": 0, "delta": {}, "finish_reason": reason}))
        chunks.append({**_chunk(), "usage": used or usage()})
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    body = "".join(lines) + ("data: [DONE]\n\n" if ends else "")
    return Reply(body=body.encode(), content_type="text/event-stream")


def embeddings(*vectors: Sequence[float]) -> Reply:
    """Return vectors, the last one first: their order is told by their index."""
    rows = [
        {"object": "embedding", "index": at, "embedding": list(vector)}
        for at, vector in enumerate(vectors)
    ]
    used = {"prompt_tokens": 7, "total_tokens": 7}
    whole = {"object": "list", "data": rows[::-1], "model": "scripted", "usage": used}
    return json_reply(whole)


def transcript(text: str, used: Mapping[str, Any] | None = None) -> Reply:
    """Return the words of a recording, with what is charged for it where that is told."""
    return json_reply({"text": text, **({"usage": used} if used else {})})


def failure(
    status: int, message: str = "it failed", headers: tuple[tuple[str, str], ...] = ()
) -> Reply:
    """Return an error in OpenAI's form."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": None}})
    return Reply(status, body.encode(), headers=headers)


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _chunk(*choices: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": list(choices),
    }


class Upload(NamedTuple):
    """A recording as it came: the fields of the form, and the file in it."""

    fields: dict[str, str]
    head: str
    data: bytes


def uploaded(request: Request) -> Upload:
    """Take a form apart, byte by byte."""
    mark = request.headers["content-type"].partition("boundary=")[2].encode()
    assert request.body.endswith(b"\r\n--" + mark + b"--\r\n")
    fields, found = dict[str, str](), list[tuple[str, bytes]]()
    for part in (b"\r\n" + request.body).split(b"\r\n--" + mark)[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        name = head.decode().partition('name="')[2].partition('"')[0]
        if name == "file":
            found.append((head.decode().strip(), data))
        else:
            fields[name] = data.decode()
    ((told, data),) = found
    return Upload(fields, told, data)


class OpenAiServer:
    """Answers chat completions while the `with` block lasts."""

    def __init__(self) -> None:
        self._http = HttpServer()

    def __enter__(self) -> Self:
        self._http.__enter__()
        # Many calls at once: the standard library lets five wait.
        self._http._server.socket.listen(BACKLOG)
        return self

    def __exit__(self, *error: object) -> None:
        self._http.__exit__(*error)

    @property
    def api_base(self) -> str:
        """The address for `llm.api_base`."""
        return f"{self._http.url}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of the chat completions asked for, in order."""
        asked = [r.json() for r in self._http.requests if r.path == COMPLETIONS]
        return [body for body in asked if isinstance(body, dict)]

    @property
    def embedded(self) -> list[dict[str, Any]]:
        """The bodies of the embeddings asked for, in order."""
        asked = [r.json() for r in self._http.requests if r.path == EMBEDDINGS]
        return [body for body in asked if isinstance(body, dict)]

    @property
    def uploads(self) -> list[Upload]:
        """The recordings that came, in order."""
        return [uploaded(r) for r in self._http.requests if r.path == TRANSCRIPTIONS]

    @property
    def keys(self) -> list[str]:
        """The authorization headers that came, in order."""
        return [request.headers.get("authorization", "") for request in self._http.requests]

    def script(self, *replies: Reply) -> None:
        """Queue replies."""
        self._http.answer(*replies)

    def always(self, reply: Reply) -> None:
        """Give this reply whenever none is queued."""
        self._http.always(COMPLETIONS, reply)
