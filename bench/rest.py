"""A place with very much that waits: open cards, and the goals that wait for them."""

import time
from pathlib import Path

from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from bench.figures import Figure, spread
from bench.piped import Piped
from bench.starts import MEMORY_TARGET_MB, START_TARGET_S
from bench.turns import TARGETS, talk_among
from core.domain.base import JsonObject
from core.domain.cards import CardItem, Confidence, Ruling
from core.domain.erasable import Erasable
from core.domain.events import NewEvent, Payload
from core.domain.events.gates import CardOpened, CardShown, GateDecided
from core.domain.events.goals import GoalStarted, GoalWaiting, PlanProposed
from core.domain.events.messages import MessageReceived
from core.domain.ids import operation_marker, question_key, short_id
from core.projections import ALL

HERE = "terminal"
BATCH = 50
RULING = Ruling(
    route="review",
    rule="mail is always asked",
    reasons=("mail is always asked",),
    impact="high",
    confidence=Confidence(claimed=0.9, earned=0),
)


async def fill(folder: Path, count: int) -> None:
    """Append what `count` messages leave behind, each of which asks before it sends a mail."""
    (folder / "data").mkdir(parents=True)
    url = f"sqlite:///{folder / 'data' / 'equerry.db'}"
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        await store.append([event for number in numbers for event in _waiting(number)])
    await store.close()


async def at_rest(folder: Path, count: int, seconds: float) -> list[Figure]:
    """Measure the program on such a place: start, memory, and what it uses at rest."""
    await fill(folder, count)
    with Piped(folder) as program:
        reply = program.say("hello")
        before = program.cpu_s()
        time.sleep(seconds)  # noqa: ASYNC251 - nothing else runs here
        share = (program.cpu_s() - before) / seconds
        memory = program.memory_mb()
    took = await talk_among(folder, 3 if count < BATCH else 200)
    waiting = f"{count:,} cards and goals waiting"
    return [
        Figure(f"{waiting}: start to first reply", reply, "s", target=START_TARGET_S),
        Figure(f"{waiting}: memory", memory, "MB", target=MEMORY_TARGET_MB),
        Figure(f"{waiting}: processor at rest", share * 100, "% of a core", target=1.0),
        *spread(f"{waiting}: message to reply", took, targets=TARGETS),
    ]


def _waiting(number: int) -> list[NewEvent]:
    goal, message = f"G0{number}", f"M0{number}"
    args: JsonObject = {
        "to": ["bob@example.com"],
        "cc": [],
        "subject": f"Invoice {number}",
        "body": "Hi Bob",
    }
    args["attachments"] = []
    marker = operation_marker(goal, "t1", "mail.send", args)
    card = short_id("C", goal, marker)
    text = f"send bob@example.com invoice {number}"
    received = MessageReceived(
        message=message,
        channel=HERE,
        conversation=HERE,
        sender="owner",
        owner=True,
        text=Erasable.of(text),
        sent_at=SystemClock().now(),
    )
    payloads: list[tuple[str, Payload]] = [
        (f"goal:{goal}", _started(text, message)),
        (f"goal:{goal}", _planned(args)),
        (f"goal:{goal}", _ruled(marker, args)),
        (f"card:{card}", _asked(card, marker, args)),
        (f"card:{card}", CardShown(card=card, conversation=HERE, channel=HERE, receipt=card)),
        (f"goal:{goal}", GoalWaiting(conversation=HERE, cards=(card,))),
    ]
    first = NewEvent(stream=f"conversation:{HERE}", payload=received, key=f"in:{message}")
    return [first, *(NewEvent(stream=stream, payload=it, goal=goal) for stream, it in payloads)]


def _started(text: str, message: str) -> GoalStarted:
    return GoalStarted(
        conversation=HERE, origin="message", title=Erasable.of(text), messages=(message,)
    )


def _planned(args: JsonObject) -> PlanProposed:
    task = {"id": "t1", "agent": "executor", "input": {"action": "mail.send", "args": args}}
    plan = {"title": "Send the invoice", "project": None, "tasks": [task]}
    return PlanProposed(revision=1, plan=Erasable.of(plan))


def _ruled(marker: str, args: JsonObject) -> GateDecided:
    return GateDecided(
        marker=marker,
        task="t1",
        action="mail.send",
        args=Erasable.of(args),
        agent="planner",
        ruling=RULING,
    )


def _asked(card: str, marker: str, args: JsonObject) -> CardOpened:
    item = CardItem(
        marker=marker,
        task="t1",
        action="mail.send",
        args=Erasable.of(args),
        title=Erasable.of("Send mail to bob@example.com"),
        body=Erasable.of("Hi Bob"),
        ruling=RULING,
        editable=tuple(args),
    )
    return CardOpened(
        card=card,
        kind="operation",
        conversation=HERE,
        items=(item,),
        title=item.title,
        why=Erasable.of("you asked"),
        route="review",
        questions=(question_key("mail.send", args),),
    )
