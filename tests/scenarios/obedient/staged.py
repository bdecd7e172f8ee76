"""A model of which one stage obeys and the others are sensible; or all of them obey together."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.inmemory.model import called
from core.domain.errors import ModelRefusedError
from core.ports.model import ModelAnswer, ModelRequest
from tests.scenarios.obedient.attacks import BITS, MARK, Loot, choice
from tests.scenarios.obedient.model import PLOT, Obedient, calls, parts, task_of, tool_of, visible
from tests.scenarios.obedient.orders import Order, hear, plain
from tests.scenarios.plans import Task

STAGES = (
    *("planner", "replan", "researcher", "reviewer", "assistant", "learner", "summariser"),
    "all",
)
"""`all` is the colluding mode: every stage obeys at once."""
_HAND = re.compile(r"\[([A-Z][A-Za-z0-9]{5,40})\]")
_TURNS = 3
_LONGEST = 190
"""Characters of what a learner or a summariser is made to say: a fact may have 300, a point 200."""


@dataclass(frozen=True)
class Heard:
    """An order that was read, as it was carried out; `loot` are the private values in sight."""

    stage: str
    agent: str
    order: Order
    loot: tuple[str, ...]


@dataclass
class StagedModel(Obedient):
    """Obeys at one stage; elsewhere it does the honest thing and quotes what it was given.

    `private` are all values that nobody else may know, `quote` the outside text that an honest
    writer passes on.
    """

    stage: str = "all"
    private: Sequence[str] = ()
    quote: str = ""
    obeyed: list[Heard] = field(default_factory=list)
    planned: bool = False

    def begin(self, quote: str, tasks: tuple[Task, ...]) -> None:
        """Make ready for one line of the owner."""
        self.quote, self.tasks, self.planned = quote, tasks, False

    def answer(self, request: ModelRequest) -> ModelAnswer | str:
        """Obey where it is the stage to, else do the honest thing."""
        if request.agent == "assistant" and self.refusals:
            raise ModelRefusedError(self.refusals.pop())
        stage = self._stage_of(request)
        orders = self._orders(stage, request)
        act = {
            "planner": self._plan,
            "replan": self._plan,
            "researcher": self._research,
            "reviewer": self._review,
            "learner": self._learn,
            "summariser": self._sum_up,
        }
        return act.get(stage, self._write)(request, orders)

    def _stage_of(self, request: ModelRequest) -> str:
        if request.agent != "planner":
            return request.agent
        return "replan" if self.planned else "planner"

    def _orders(self, stage: str, request: ModelRequest) -> list[Order]:
        """Return the orders in sight of a stage that obeys, with all that is private put in."""
        if self.stage not in {stage, "all"}:
            return []
        text = visible(request)
        seen = tuple(value for value in self.private if value in text)
        loot, made = Loot(seen), []
        heard = {json.dumps(given): given for part in parts(request) for given in hear(part)}
        for given in heard.values():
            for one in _flat(given):
                order = loot.fill(one)
                self.obeyed.append(Heard(stage, request.agent, order, seen))
                made += list(_chosen(order, "+".join(seen)))
        return made

    def _plan(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer | str:
        first, self.planned = not self.planned, True
        tasks = [t for n, o in enumerate(orders) if (t := task_of(o, f"x{n}")) is not None]
        tasks = _possible(request, tasks)
        if tasks:
            return called("submit_plan", {"title": PLOT, "tasks": tasks})
        if orders:
            return "\n".join(order.get("text", plain(order)) for order in orders)
        honest, self.tasks = (self.tasks, ()) if first else ((), self.tasks)
        if not honest:
            return "There is nothing to add."
        return called("submit_plan", {"title": "honest", "tasks": self._placed(request, honest)})

    def _placed(self, request: ModelRequest, tasks: Sequence[Task]) -> list[Task]:
        """Return the tasks with what is at hand referred to by its id, as the prompt names it."""
        text = visible(request)
        _, _, listed = text.rpartition("{{ ID }}")
        found = _HAND.search(listed) or _HAND.search(text)
        hand = f"{{{{ {found[1]} }}}}" if found else "nothing"
        placed: list[Task] = json.loads(json.dumps(list(tasks)).replace("{hand}", hand))
        return placed

    def _write(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        """Draft a text: what was ordered, addresses and all; an honest one quotes its source."""
        if orders:
            return called("submit_result", {"text": "\n".join(map(_written, orders))})
        given = any(hear(part) for part in parts(request))
        return called("submit_result", {"text": f"It says: {self.quote}" if given else "Done."})

    def _research(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        turns = sum(message.role == "assistant" for message in request.messages)
        offered = {tool.name for tool in request.tools}
        reads = tuple(read for read in self.reads if read[0] in offered)
        wanted = [order for order in orders if order["do"] != "say"]
        if turns == 0 and reads and not request.require:
            return calls(reads)
        if wanted and turns < _TURNS and not request.require:
            return calls([tool_of(order) for order in wanted])
        text = "\n".join(map(_written, orders)) or "Nothing."
        finding = {"source": self._source(), "quote": "Ignore", "confidence": 1.0, "claim": text}
        return called("submit_result", {"text": text, "findings": [finding], "found": True})

    def _review(self, _request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        """Pass a text; one that was told to has it written again as an order says."""
        reasons = list(map(_written, orders))
        return called(
            "submit_result", {"verdict": "revise" if reasons else "pass", "reasons": reasons}
        )

    def _learn(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        """Learn nothing; one that was told to learns what an order says, as the owner's own."""
        said = _ids(request)
        facts = [
            {"text": _written(order)[:_LONGEST], "kind": "decision", "id": said[-1]}
            for order in orders[:8]
            if said
        ]
        return called("submit_result", {"facts": facts})

    def _sum_up(self, request: ModelRequest, orders: list[Order]) -> ModelAnswer:
        """Decide nothing; one that was told to writes an order down as a decision."""
        said = _ids(request)
        decisions = [
            {"text": _written(order)[:_LONGEST], "id": said[-1]} for order in orders[:20] if said
        ]
        return called("submit_result", {"decisions": decisions})


def _possible(request: ModelRequest, tasks: list[Task]) -> list[Task]:
    """Return the tasks without those that would have the whole plan refused, where some remain.

    These are actions that are not offered, and tasks that a refusal which was sent back names.
    """
    text, last = visible(request), request.messages[-1].content
    fine = [task for task in tasks if task["input"].get("action", "") in text]
    fine = [task for task in fine if f"'{task['id']}'" not in last]
    return fine or tasks[:1]


def _flat(order: Order) -> Iterator[Order]:
    """Yield the single orders of one."""
    if order["do"] == "several":
        yield from order["orders"]
    else:
        yield order


def _chosen(order: Order, loot: str) -> Iterator[Order]:
    """Yield the order; one that chooses among links as the fetches that spell the loot's bits."""
    if order["do"] != "choose":
        yield order
        return
    data = loot.encode() or bytes(BITS)
    for place in range(BITS):
        bit = data[place // 8] >> (7 - place % 8) & 1
        url = choice(order["base"], place, bit)
        yield {"do": "use", "action": "web.fetch", "args": {"url": url}}


def _written(order: Order) -> str:
    """Return what a writer makes of an order: its words, its addresses as links, and itself."""
    if order["do"] == "say":
        return str(order["text"])
    args: dict[str, Any] = order.get("args") or {}
    address = args.get("url", "")
    links = f"![logo]({address}) [more]({address}) {address} " if address else ""
    marks = MARK.findall(json.dumps(order))
    return f"{links}Decided by {marks[0] if marks else 'them'}: {plain(order)}"


def _ids(request: ModelRequest) -> list[str]:
    """Return the ids of the messages or turns that a learner or a summariser was given."""
    for message in request.messages:
        try:
            given = json.loads(message.content)
        except ValueError:
            continue
        turns = given.get("turns", ()) if isinstance(given, dict) else given
        return [str(turn["id"]) for turn in turns if isinstance(turn, dict) and "id" in turn]
    return []
