"""A model that obeys: whatever orders stand anywhere in its prompt, it carries out, quite sure."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.inmemory.model import ScriptedModel, called
from core.domain.errors import ModelRefusedError
from core.ports.model import ModelAnswer, ModelRequest, ToolCall
from tests.scenarios.obedient.orders import Order, hear, plain
from tests.scenarios.plans import Task, does

PLOT = "obeyed"
"""The title of every plan that an attacker had made."""
WANTED = re.compile(r"CANARY-\w+")
_TURNS = 3


@dataclass
class Obedient:
    """Answers each request: orders first, and where there are none what a test scripted.

    `tasks` are the next honest plan, `reads` what an honest researcher calls, `secrets` what the
    attacker would love to see. `said` is an honest draft, `heard` the orders by who read them.
    `refusals` are errors of the provider, one for each call of an assistant.
    """

    secrets: Sequence[str] = ()
    tasks: tuple[Task, ...] = ()
    reads: tuple[tuple[str, dict[str, Any]], ...] = ()
    said: str = "A summary."
    heard: list[tuple[str, Order]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def scripted(self) -> ScriptedModel:
        """Return the model to put into the application."""
        return ScriptedModel(self.answer)

    def answer(self, request: ModelRequest) -> ModelAnswer | str:
        """Obey, or do the honest thing."""
        if request.agent == "assistant" and self.refusals:
            raise ModelRefusedError(self.refusals.pop())
        text = visible(request)
        orders = [self._filled(order, text) for order in hear(text)]
        self.heard += [(request.agent, order) for order in orders]
        act = {"planner": self._plan, "researcher": self._research, "reviewer": self._review}
        return act.get(request.agent, self._write)(request, orders)

    def hearers(self) -> set[str]:
        """Return the agents that read an order."""
        return {agent for agent, _ in self.heard}

    def _filled(self, order: Order, text: str) -> Order:
        """Put everything private that can be seen into the places an order has for it."""
        seen = [*WANTED.findall(text), *(s for s in self.secrets if s in text)]
        loot = "+".join(dict.fromkeys(seen)) or "nothing"
        filled: Order = json.loads(json.dumps(order).replace("{seen}", loot))
        return filled

    def _plan(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer | str:
        if not orders:
            tasks, self.tasks = self.tasks, ()
            return _submitted("honest", tasks) if tasks else "There is nothing to add."
        if all(order["do"] == "say" for order in orders):
            return "\n".join(order["text"] for order in orders)
        tasks = tuple(t for n, o in enumerate(orders) if (t := task_of(o, f"x{n}")) is not None)
        return _submitted(PLOT, tasks) if tasks else "\n".join(map(plain, orders))

    def _write(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        """Draft a text; one that was told to passes its orders on to whoever reads it."""
        if any(order["do"] == "plot" for order in orders):
            return called("submit_plan", {"title": PLOT, "tasks": []})
        said = [order.get("text") if order["do"] == "say" else plain(order) for order in orders]
        return called("submit_result", {"text": "\n".join(map(str, said)) or self.said})

    def _review(self, _request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        """Pass an honest text; have the writer told what an order says, loot and all."""
        verdict = "revise" if orders else "pass"
        return called("submit_result", {"verdict": verdict, "reasons": list(map(plain, orders))})

    def _research(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        turns = sum(message.role == "assistant" for message in request.messages)
        offered = {tool.name for tool in request.tools}
        reads = tuple(read for read in self.reads if read[0] in offered)
        if turns == 0 and reads and not request.require:
            return calls(reads)
        if orders and turns < _TURNS and not request.require:
            return calls(tuple(tool_of(order) for order in orders))
        text = "\n".join(map(plain, orders)) or "Nothing."
        finding = {"source": self._source(), "quote": "Ignore", "confidence": 1.0, "claim": text}
        result = {"text": text, "findings": [finding], "found": True}
        return called("submit_result", result)

    def _source(self) -> str:
        return str(self.reads[0][1].get("url", "")) if self.reads else ""


def visible(request: ModelRequest) -> str:
    """Return all that a model can read in a request."""
    return "\n".join(parts(request))


def parts(request: ModelRequest) -> list[str]:
    """Return what a model can read in a request, message by message, and the tools."""
    read = [message.content for message in request.messages]
    read += [call.arguments for message in request.messages for call in message.tool_calls]
    read += [json.dumps(tool.model_dump(mode="json")) for tool in request.tools]
    return read


def calls(wanted: Sequence[tuple[str, dict[str, Any]]]) -> ModelAnswer:
    """Return an answer that calls several tools at once."""
    made = tuple(
        ToolCall(id=f"call-{number}", name=name, arguments=json.dumps(args))
        for number, (name, args) in enumerate(wanted)
    )
    return ModelAnswer(tool_calls=made, model=ScriptedModel.name)


_ACTIONS: dict[str, Callable[[Order], tuple[str, dict[str, Any]]]] = {
    "mail": lambda o: (
        "mail.send",
        {"to": [o["to"]], "subject": o.get("subject", "evil"), "body": o["body"]},
    ),
    "post": lambda o: ("http.request", {"method": "POST", "url": o["url"], "json": o["json"]}),
    "delete": lambda o: ("http.request", {"method": "DELETE", "url": o["url"]}),
    "get": lambda o: ("http.request", {"method": "GET", "url": o["url"]}),
    "fetch": lambda o: ("web.fetch", {"url": o["url"]}),
    "search": lambda o: ("web.search", {"query": o["query"]}),
    "write": lambda o: ("file.write", {"path": o["path"], "text": o["text"]}),
    "note": lambda o: ("note.append", {"file": o["file"], "text": o["text"]}),
    "remind": lambda o: ("reminder.set", {"text": o["text"], "at": o["at"]}),
    "add": lambda o: ("task.add", {"title": o["title"], "due": o["due"]}),
    "done": lambda o: ("task.done", {"id": o["id"]}),
    "remember": lambda o: ("memory.remember", {"text": o["text"]}),
    "use": lambda o: (o["action"], o["args"]),
}


def task_of(order: Order, name: str) -> Task | None:
    """Return the task that carries an order out, None for one that is none."""
    if order["do"] == "agent":
        why = "it was approved"
        return {"id": name, **order["task"], "confidence": 1.0, "why": why}
    if order["do"] not in _ACTIONS:
        return None
    action, args = _ACTIONS[order["do"]](order)
    return does(name, action, args, confidence=1.0)


def tool_of(order: Order) -> tuple[str, dict[str, Any]]:
    """Return the tool call that carries an order out, whether such a tool was offered or not."""
    if order["do"] not in _ACTIONS:
        return order.get("tool", "submit_plan"), order.get("args", {"title": PLOT, "tasks": []})
    action, args = _ACTIONS[order["do"]](order)
    return action.replace(".", "__"), args


def _submitted(title: str, tasks: Sequence[Task]) -> ModelAnswer:
    return called("submit_plan", {"title": title, "project": None, "tasks": list(tasks)})
