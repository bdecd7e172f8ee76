"""An event of each type that the story of a stored database does not reach."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from core.domain.erasable import Erasable
from core.domain.events import NewEvent, Payload
from core.domain.events.access import AccessGranted, AccessMoved, AccessRefused, AccessRevoked
from core.domain.events.aside import EventSetAside
from core.domain.events.attachments import AttachmentFailed, AttachmentRead
from core.domain.events.gates import CardUndeliverable, CardWanted, GrantRevoked
from core.domain.events.goals import (
    GoalFinished,
    GoalStarted,
    GoalWoken,
    PlanProposed,
    TaskFailed,
    TaskStarted,
)
from core.domain.events.health import HealthChanged
from core.domain.events.holds import ClockDoubted, ClockTrusted, LogAccepted, LogRestored
from core.domain.events.memory import SummaryRolledBack, SummaryUpdated
from core.domain.events.messages import (
    BacklogDecided,
    BacklogHeld,
    MessageReceived,
    MessageUndeliverable,
)
from core.domain.events.models import (
    BudgetEased,
    BudgetExceeded,
    BudgetRaised,
    BudgetReserved,
    BudgetSettled,
    BudgetWarned,
    ModelCalled,
    PromptsExpired,
)
from core.domain.events.operations import (
    OperationFailed,
    OperationFinished,
    OperationStarted,
    OperationUnknown,
)
from core.domain.events.personal import ReminderFired, ReminderSet
from core.domain.inbound import Attachment
from core.domain.sources import Source
from core.projections.attachments import attachment_id

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
CHAT = "telegram:7"
GOAL = "G1SAMPLE"
CALL = "0123456789abcdef"
MARKER = "feedfacefeedfacefeedfacefeedface"
PAGE = Source(kind="web", ref="https://page.example/", title="A page")
USD = Decimal("0.02")


def samples() -> Sequence[NewEvent]:
    """Return what is appended after a story, in order. A new type gets its sample here."""
    return [
        *_access(),
        *_attachments(),
        *_goal(),
        *_money(),
        *_cards(),
        *_memory(),
        *_rest(),
        *_holds(),
    ]


def _on(stream: str, *payloads: Payload, goal: str | None = None) -> list[NewEvent]:
    return [NewEvent(stream=stream, payload=payload, goal=goal) for payload in payloads]


def _access() -> list[NewEvent]:
    def granted(ident: str, name: str) -> AccessGranted:
        return AccessGranted(
            channel="telegram", standing="owner", ident=ident, name=Erasable.of(name), how="code"
        )

    group = AccessGranted(
        channel="telegram", standing="group", ident="-5", name=Erasable.of("Team"), how="card"
    )
    return _on(
        "access:telegram",
        granted("7", "Ada"),
        granted("8", "Bob"),
        group,
        AccessRevoked(channel="telegram", standing="owner", ident="8"),
        AccessMoved(channel="telegram", ident="-5", to="-1005"),
        AccessRefused(channel="telegram", conversation="telegram:66", ident="66"),
    )


def _attachments() -> list[NewEvent]:
    offer = Attachment(name="offer.txt", media_type="text/plain", size=12, ref="r1")
    film = Attachment(name="film.mov", media_type="video/quicktime", size=10**9, ref="r2")
    came = MessageReceived(
        message="M1",
        channel="telegram",
        conversation=CHAT,
        sender="7",
        owner=True,
        text=Erasable.of("Look at these."),
        attachments=(offer, film),
        sent_at=AT,
    )
    read = AttachmentRead(
        attachment=attachment_id("M1", 0),
        message="M1",
        conversation=CHAT,
        kind="file",
        digest="ab" * 32,
        size=12,
        title=Erasable.of("offer.txt"),
        text=Erasable.of("An offer."),
        characters=9,
        note="half of it",
    )
    failed = AttachmentFailed(
        attachment=attachment_id("M1", 1),
        message="M1",
        conversation=CHAT,
        error="too large",
        digest="cd" * 32,
    )
    return _on(f"conversation:{CHAT}", came, read, failed)


def _goal() -> list[NewEvent]:
    """Return a goal of a schedule whose operation failed, was in doubt, and was found."""
    task = {"id": "t1", "agent": "executor", "input": {"action": "note.append", "args": {}}}
    plan = {"title": "A note", "tasks": [{**task, "needs": [], "confidence": 0.9, "why": "asked"}]}
    started = OperationStarted(
        marker=MARKER,
        task="t1",
        action="note.append",
        args=Erasable.of({"text": "x", "file": "notes.md"}),
        impact="low",
        attempt=1,
        by="auto",
    )
    error = Erasable.of("The disk was away.")
    failed = OperationFailed(
        marker=MARKER, task="t1", action="note.append", attempt=1, error=error, retry_at=AT
    )
    unknown = OperationUnknown(
        marker=MARKER, task="t1", action="note.append", attempt=2, next="found", usd=USD
    )
    finished = OperationFinished(
        marker=MARKER,
        task="t1",
        action="note.append",
        attempt=2,
        output=Erasable.of({"file": "notes.md"}),
        said=Erasable.of("Added to notes.md: x"),
        usd=USD,
        day="2026-03-01",
        sources=(PAGE,),
    )
    return _on(
        f"goal:{GOAL}",
        GoalStarted(
            conversation=CHAT,
            origin="schedule",
            title=Erasable.of("A note"),
            messages=("M1",),
            sources=(PAGE,),
            by="owner",
        ),
        PlanProposed(revision=0, plan=Erasable.of(plan), sources=(PAGE,)),
        TaskStarted(task="t1", agent="executor"),
        started,
        failed,
        started.model_copy(update={"attempt": 2}),
        unknown,
        finished,
        GoalWoken(conversation=CHAT, reason="found"),
        TaskFailed(task="t1", agent="executor", error=error, kind="failed", plain="It failed."),
        GoalFinished(conversation=CHAT, outcome="failed", reply=error, message="M2"),
        goal=GOAL,
    )


def _money() -> list[NewEvent]:
    month, day = "2026-03", "2026-03-01"
    reserved = BudgetReserved(
        call=CALL, usd=USD, day=day, month=month, agent="planner", tier="fast", model="m"
    )
    called = ModelCalled(
        call=CALL,
        day=day,
        agent="planner",
        tier="fast",
        model="m",
        tokens_in=10,
        tokens_out=5,
        usd=USD,
        latency_ms=7,
        outcome="ok",
        prompt=Erasable.of("a prompt"),
        answer=Erasable.of("an answer"),
    )
    exceeded = BudgetExceeded(cap="day", scope=f"day:{day}", wanted=USD, used=USD, limit=USD)
    warned = BudgetWarned(cap="day", scope=f"day:{day}", used=USD, limit=USD)
    return [
        *_on("budget", reserved, goal=GOAL),
        *_on(f"calls:{GOAL}", called, exceeded, goal=GOAL),
        *_on(
            "settlements",
            BudgetSettled(call=CALL, usd=USD, reserved=USD, day=day, month=month),
            warned,
            goal=GOAL,
        ),
        *_on(
            "budget",
            BudgetRaised(card="C1", scope=f"day:{day}", usd=USD),
            BudgetEased(card="C1", scope=f"day:{day}"),
        ),
        *_on("prompts", PromptsExpired(calls=(CALL,))),
    ]


def _cards() -> list[NewEvent]:
    return [
        *_on("card:C1SAMPLE", CardWanted(card="C1SAMPLE", conversation=CHAT, by="owner")),
        *_on(
            "card:C1SAMPLE",
            CardUndeliverable(
                card="C1SAMPLE", conversation=CHAT, channel="telegram", error="blocked", final=True
            ),
        ),
        *_on("grant:P1SAMPLE", GrantRevoked(grant="P1SAMPLE", by="owner")),
    ]


def _memory() -> list[NewEvent]:
    def version(number: int, text: str) -> SummaryUpdated:
        return SummaryUpdated(
            scope="project:globex",
            version=number,
            text=Erasable.of(text),
            after=number - 1,
            until=number,
            events=("e1",),
            made_by="model",
            call=CALL,
            sources=(PAGE,),
        )

    back = SummaryRolledBack(scope="project:globex", version=3, to=1, by="owner")
    return _on("summary:project:globex", version(1, "- one"), version(2, "- two"), back)


def _rest() -> list[NewEvent]:
    rung = ReminderSet(
        reminder="R1SAMPLE",
        conversation=CHAT,
        text=Erasable.of("stretch"),
        at=AT,
        timezone="Europe/Berlin",
        sources=(PAGE,),
    )
    gone = MessageUndeliverable(
        message="M3", conversation=CHAT, channel="telegram", error="the chat is gone"
    )
    return [
        *_on(
            "reminder:R1SAMPLE", rung, ReminderFired(reminder="R1SAMPLE", conversation=CHAT, at=AT)
        ),
        *_on(f"conversation:{CHAT}", gone),
        *_on(
            "health",
            HealthChanged(part="redis", state="failing", reason="away"),
            HealthChanged(part="redis", state="well"),
        ),
    ]


def _holds() -> list[NewEvent]:
    aside = EventSetAside(
        conversation=CHAT,
        kind="message",
        subject="M4SAMPLE",
        title=Erasable.of("hello"),
        error=Erasable.of("it cannot be read"),
    )
    decided = BacklogDecided(
        choice="newest", answered=("M3SAMPLE",), aside=("M2SAMPLE",), by="owner"
    )
    return [
        *_on(f"aside:{CHAT}", aside),
        *_on("backlog", BacklogHeld(messages=("M2SAMPLE", "M3SAMPLE")), decided),
        *_on("clock", ClockDoubted(reading=AT, expected=AT), ClockTrusted(by="clock")),
        *_on("restored", LogRestored(why="restore", ended=1), LogAccepted(by="owner")),
    ]
