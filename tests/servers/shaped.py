"""A model server that answers in all shapes, drawn by a seed; now and then it fails."""

import json
import random
from typing import Any

from tests.scenarios.plans import does, writes
from tests.servers.http import HttpServer, Reply, Request
from tests.servers.openai import COMPLETIONS, OpenAiServer, failure
from tests.servers.shapes import CALLS, SAYS, Json, Wire, content, native, reply

FAILS = 0.06
"""Of a hundred answers of a busy week, six are none."""


class ShapedServer(OpenAiServer):
    """Answers each chat completion as one seed has it."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._http = _Shaped(seed)


class _Shaped(HttpServer):
    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self.drawn: list[str] = []

    def take(self, request: Request) -> Reply:
        """Draw what is meant, and the shape that it has."""
        queued = super().take(request)
        if request.path != COMPLETIONS or COMPLETIONS in self._always:
            return queued
        body = request.json()
        assert isinstance(body, dict)
        stream = bool(body.get("stream"))
        if self._chance.random() < FAILS:
            return self._trouble(stream=stream)
        return reply(self._wire(body), stream=stream)

    def _trouble(self, *, stream: bool) -> Reply:
        self.drawn.append("trouble")
        broken = content("<tool_call>note.append(</tool_call>")
        return self._chance.choice(
            (
                failure(500),
                failure(400, "this is not supported"),
                reply(content("Half an ans")._replace(finish=None, done=False), stream=stream),
                reply(content(""), stream=stream),
                reply(broken, stream=stream),
                reply(content("<think>and so on"), stream=stream),
                reply(native("no_such_tool", {"a": 1}), stream=stream),
                reply(native("submit_plan", {"title": 1, "tasks": "none"}), stream=stream),
                Reply(body=b"[1, 2"),
            )
        )

    def _wire(self, body: Json) -> Wire:
        if form := (body.get("response_format") or {}).get("json_schema"):
            self.drawn.append("schema")
            return content(json.dumps(self._value(form["schema"])))
        tools = {one["function"]["name"]: one["function"] for one in body.get("tools") or ()}
        required = isinstance(body.get("tool_choice"), dict)
        if "submit_plan" in tools and self._chance.random() < 0.6:
            return self._called("submit_plan", self._plan())
        if required or (tools and "submit_plan" not in tools):
            name = "submit_result" if "submit_result" in tools else next(iter(tools))
            return self._called(name, self._value(tools[name]["parameters"]))
        shape = self._chance.choice(SAYS)
        self.drawn.append(shape.name)
        return shape.make(f"That is answer {len(self.drawn)}, as you asked: 2 < 3.")

    def _called(self, name: str, args: Json) -> Wire:
        shape = self._chance.choice(CALLS)
        self.drawn.append(shape.name)
        return shape.make(name, args)

    def _plan(self) -> Json:
        number = len(self.drawn)
        tasks: tuple[Any, ...] = (
            does("t1", "note.append", {"text": f"note {number}: it's [done] (so)"}),
            does("t1", "task.add", {"title": f"task {number}"}),
            does("t1", "reminder.set", {"text": f"call {number}", "at": "2030-01-02T09:00"}),
            writes("t1", "greet", {}),
            does("t1", "memory.remember", {"text": f"The code is {number}."}),
            does("t1", "task.list", {}),
        )
        return {"title": f"Plan {number}", "tasks": [self._chance.choice(tasks)]}

    def _value(self, schema: Json, root: Json | None = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return a value that fits a schema."""
        root = root or schema
        if "$ref" in schema:
            return self._value(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
        if "enum" in schema or "const" in schema:
            return schema.get("const", (schema.get("enum") or [None])[0])
        if "anyOf" in schema:
            return self._value(self._chance.choice(schema["anyOf"]), root)
        kind = schema.get("type")
        kind = self._chance.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            given = schema.get("properties") or {}
            return {name: self._value(one, root) for name, one in given.items()}
        if kind == "array":
            least = schema.get("minItems", self._chance.randint(0, 1))
            return [self._value(schema.get("items") or {}, root) for _ in range(least)]
        plain = {"number": 0.9, "integer": 1, "boolean": True, "null": None}
        return plain.get(str(kind), f"text {self._chance.randint(1, 99)}")
