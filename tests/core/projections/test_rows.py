from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.domain.cards import CardItem, Confidence, Ruling
from core.domain.erasable import Erasable
from core.domain.events import (
    Payload,
    gates,
    goals,
    memory,
    messages,
    models,
    operations,
    personal,
)
from core.ports.read_models import Row
from tests.core.support.world import World

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
TEXT = Erasable.of("text")
RULING = Ruling(
    route="review",
    rule="r",
    reasons=("x",),
    impact="high",
    confidence=Confidence(claimed=1, earned=1),
)


def item(marker: str = "m1", action: str = "a.b") -> CardItem:
    """Return an item of a card."""
    return CardItem(
        marker=marker, task="t", action=action, args=TEXT, title=TEXT, body=TEXT, ruling=RULING
    )


def opened(card: str = "C1", kind: Any = "operation", *items: CardItem) -> gates.CardOpened:  # noqa: ANN401
    """Return an opened card with one question."""
    return gates.CardOpened(
        card=card,
        kind=kind,
        conversation="memory:1",
        items=items or (item(),),
        title=TEXT,
        why=TEXT,
        route="review",
        questions=("q1",),
    )


def decided(card: str = "C1", verdict: Any = "accept") -> gates.CardDecided:  # noqa: ANN401
    """Return a decision."""
    return gates.CardDecided(
        card=card, conversation="memory:1", verdict=verdict, by="owner", via="memory"
    )


def shown(state: Any = "open") -> gates.CardShown:  # noqa: ANN401
    """Return that the card was shown."""
    return gates.CardShown(
        card="C1", conversation="memory:1", channel="memory", receipt="r1", state=state
    )


async def after(*payloads: Payload, goal: str | None = "G1") -> World:
    """Return a core whose log holds these payloads."""
    world = World()
    for payload in payloads:
        await world.append("s", payload, goal)
    before, again = await world.store.rebuild()
    assert before == again
    return world


async def row_of(world: World, projection: str, key: str) -> Row:
    """Return a row that is there."""
    row = await world.store.get(projection, key)
    assert row is not None
    return row


UNKNOWN: list[Payload] = [
    gates.CardJoined(card="C9", conversation="c", marker="m", task="t", primary="G1/t"),
    gates.CardShown(card="C9", conversation="c", channel="memory"),
    gates.CardDecided(card="C9", conversation="c", verdict="accept", by="o", via="v"),
    gates.CardExpired(card="C9", conversation="c", reason="r"),
    gates.GrantRevoked(grant="P9", by="o"),
    goals.GoalWaiting(conversation="c"),
    goals.GoalWoken(conversation="c", reason="r"),
    goals.GoalFinished(conversation="c", outcome="done"),
    goals.GoalStopped(conversation="c", by="o"),
    messages.MessageSending(message="M9", conversation="c", attempt=1),
    messages.MessageSent(message="M9", conversation="c", kind="reply"),
    operations.OperationUndone(marker="m9", by_marker="m8"),
    personal.TodoDone(todo="T9"),
    personal.TodoReopened(todo="T9"),
    personal.TodoRemoved(todo="T9"),
    personal.ReminderFired(reminder="R9", conversation="c", at=AT),
    personal.ReminderCancelled(reminder="R9"),
    personal.ReminderRestored(reminder="R9", at=AT),
    memory.FactForgotten(fact="F9"),
    memory.FactSuperseded(fact="F9", by_fact="F8"),
]


@pytest.mark.parametrize("payload", UNKNOWN, ids=lambda payload: payload.wire)
async def test_an_event_about_nothing_writes_no_row(payload: Payload) -> None:
    """An event about something that never began leaves no half-made row of it."""
    world = await after(payload)
    own = {place[0] for place in world.store.rows} - {"reliability"}
    assert own == set()


async def test_a_card_from_open_to_closed() -> None:
    """A card is unshown and open, shown, closing while a surface shows it open, then decided."""
    world = await after(opened())
    assert (await row_of(world, "cards", "C1")).state == "open"
    assert (await row_of(world, "cards", "unshown:C1")).state == "unshown"
    assert (await row_of(world, "cards", "q:q1")).doc["card"] == "C1"
    world = await after(opened(), shown())
    assert await world.store.get("cards", "unshown:C1") is None
    world = await after(opened(), shown(), decided())
    row = await row_of(world, "cards", "C1")
    assert (row.state, row.doc["verdict"], row.doc["by"]) == ("closing", "accept", "owner")
    assert await world.store.get("cards", "q:q1") is None
    world = await after(opened(), shown(), decided(), shown("decided"))
    assert (await row_of(world, "cards", "C1")).state == "decided"


async def test_a_decision_before_the_receipt_of_the_show() -> None:
    """A tap may come before the send returns: the card is then still to be rewritten."""
    world = await after(opened(), decided(), shown())
    assert (await row_of(world, "cards", "C1")).state == "closing"
    world = await after(opened(), decided())
    assert (await row_of(world, "cards", "C1")).state == "decided"
    assert await world.store.get("cards", "unshown:C1") is None


async def test_a_closed_card_stays_as_it_was_closed() -> None:
    """A second decision and a late expiry change nothing."""
    expired = gates.CardExpired(card="C1", conversation="memory:1", reason="late")
    world = await after(opened(), decided("C1", "reject"), decided(), expired)
    row = await row_of(world, "cards", "C1")
    assert (row.state, row.doc["verdict"]) == ("decided", "reject")


async def test_a_record_counts_decisions_as_proposed() -> None:
    """Accepts count for an agent and action, edits and rejections against it, expiries never."""
    cards = [opened(f"C{n}") for n in range(4)]
    verdicts = [decided("C0"), decided("C1", "edit"), decided("C2", "reject")]
    expired = gates.CardExpired(card="C3", conversation="memory:1", reason="late")
    world = await after(*cards, *verdicts, expired)
    row = await row_of(world, "record", "planner|a.b")
    assert (row.doc["accepted"], row.doc["decided"]) == (1, 3)
    assert row.doc["recent"] == ["accept", "edit", "reject"]
    assert [place for place in world.store.rows if place[1].startswith("card:")] == []


async def test_only_operations_make_a_record() -> None:
    """Answers to a doubt, an undo or a budget say nothing about an agent."""
    for kind in ("unknown", "undo", "budget"):
        world = await after(opened("C1", kind), decided())
        assert await world.rows("record") == []


async def test_a_record_of_a_list_counts_each_action_once() -> None:
    """One card with several items of one action is one decision about it."""
    items = (item("m1"), item("m2"), item("m3", "c.d"))
    world = await after(opened("C1", "operation", *items), decided())
    assert (await row_of(world, "record", "planner|a.b")).doc["decided"] == 1
    assert (await row_of(world, "record", "planner|c.d")).doc["decided"] == 1


async def test_a_goal_from_start_to_end() -> None:
    """A goal is active, planned, waiting with its cards and time, awake again, and ended once."""
    start = goals.GoalStarted(conversation="c", origin="message", title=TEXT, messages=("M1",))
    waits = goals.GoalWaiting(conversation="c", cards=("C1",), until=AT)
    planned = goals.PlanProposed(revision=1, plan=TEXT)
    world = await after(start, planned, waits)
    row = await row_of(world, "goals", "G1")
    assert (row.state, row.due, row.doc["cards"], row.doc["planned"]) == (
        "waiting",
        AT,
        ["C1"],
        True,
    )
    woken = goals.GoalWoken(conversation="c", reason="r")
    world = await after(start, waits, woken)
    row = await row_of(world, "goals", "G1")
    assert (row.state, row.due) == ("active", None)
    done = goals.GoalFinished(conversation="c", outcome="partly")
    stopped = goals.GoalStopped(conversation="c", by="o")
    world = await after(start, done, stopped, waits, woken)
    row = await row_of(world, "goals", "G1")
    assert (row.state, row.doc["outcome"], row.due) == ("finished", "partly", None)
    world = await after(start, stopped, done)
    assert (await row_of(world, "goals", "G1")).state == "stopped"


async def test_a_late_send_marker_does_not_take_a_sent_message_back() -> None:
    """A message that was sent stays sent, whoever says afterwards that a send begins."""
    queued = messages.MessageQueued(message="M1", conversation="c", kind="reply", text=TEXT)
    sending = messages.MessageSending(message="M1", conversation="c", attempt=1, worker="w1")
    sent = messages.MessageSent(message="M1", conversation="c", kind="reply", receipt="r")
    world = await after(queued, sending)
    row = await row_of(world, "outbox", "M1")
    assert (row.state, row.doc["worker"], row.doc["attempt"]) == ("sending", "w1", 1)
    late = messages.MessageSending(message="M1", conversation="c", attempt=2, worker="w2")
    world = await after(queued, sending, sent, late)
    row = await row_of(world, "outbox", "M1")
    assert (row.state, row.doc["receipt"], row.doc["attempt"]) == ("sent", "r", 1)


async def test_who_spoke_and_who_is_trusted() -> None:
    """The window tells owner, others and Equerry apart; only own words are trusted."""
    said: dict[str, Any] = {
        "channel": "memory",
        "conversation": "c",
        "sender": "x",
        "text": TEXT,
        "sent_at": AT,
    }
    world = await after(
        messages.MessageReceived(message="M1", owner=True, **said),
        messages.MessageReceived(message="M2", owner=True, forwarded=True, **said),
        messages.MessageReceived(message="M3", owner=False, **said),
        messages.MessageQueued(message="M4", conversation="c", kind="reply", text=TEXT),
    )
    rows = sorted(await world.rows("window"), key=lambda row: row.key)
    assert [(row.doc["who"], bool(row.doc["trusted"])) for row in rows] == [
        ("owner", True),
        ("owner", False),
        ("other", False),
        ("equerry", True),
    ]
    states = [row.state for row in sorted(await world.rows("messages"), key=lambda r: r.key)]
    assert states == ["new", "outside", "outside"]


async def test_an_operation_keeps_its_first_place() -> None:
    """Attempts of one operation are one row at the position of the first."""
    began: dict[str, Any] = {
        "marker": "m1",
        "task": "t",
        "action": "a.b",
        "args": TEXT,
        "impact": "low",
        "by": "auto",
    }
    failed = operations.OperationFailed(marker="m1", task="t", action="a.b", attempt=1, error=TEXT)
    ended = operations.OperationFinished(
        marker="m1", task="t", action="a.b", attempt=2, output=TEXT, said=TEXT, undo=TEXT
    )
    undone = operations.OperationUndone(marker="m1", by_marker="m2")
    first = operations.OperationStarted(attempt=1, **began)
    again = operations.OperationStarted(attempt=2, **began)
    world = await after(first, failed, again, ended)
    row = await row_of(world, "operations", "m1")
    assert (row.state, row.doc["position"], row.doc["attempt"], row.doc["undoable"]) == (
        "finished",
        1,
        2,
        True,
    )
    world = await after(first, failed, again, ended, undone)
    row = await row_of(world, "operations", "m1")
    assert (row.state, row.doc["undoable"]) == ("undone", False)


async def test_money_moves_from_reserved_to_spent() -> None:
    """A settlement replaces its reservation in the rows of goal, day and month."""
    held: dict[str, Any] = {"call": "c1", "day": "2026-11-02", "month": "2026-11"}
    reserved = models.BudgetReserved(usd=Decimal("0.10"), **held)
    settled = models.BudgetSettled(usd=Decimal("0.03"), reserved=Decimal("0.10"), **held)
    world = await after(reserved)
    assert (await row_of(world, "spend", "hold:c1")).doc["goal"] == "G1"
    world = await after(reserved, settled)
    for key in ("goal:G1", "day:2026-11-02", "month:2026-11"):
        doc = (await row_of(world, "spend", key)).doc
        assert (doc["reserved"], doc["spent"]) == ("0.00", "0.03")
    assert await world.store.get("spend", "hold:c1") is None
    world = await after(reserved, settled, goal=None)
    assert await world.store.get("spend", "goal:None") is None


async def test_a_reminder_remembers_when_it_was_due() -> None:
    """A cancelled reminder keeps the time it would have fired at, however often it is cancelled."""
    reminder = personal.ReminderSet(
        reminder="R1", conversation="c", text=TEXT, at=AT, timezone="UTC", repeat="FREQ=DAILY"
    )
    later = AT + timedelta(days=1)
    fired = personal.ReminderFired(reminder="R1", conversation="c", at=AT, next_at=later)
    cancelled = personal.ReminderCancelled(reminder="R1")
    world = await after(reminder, fired, cancelled, cancelled)
    row = await row_of(world, "reminders", "R1")
    assert (row.state, row.due) == ("cancelled", None)
    assert datetime.fromisoformat(row.doc["was_due"]) == later
    restored = personal.ReminderRestored(reminder="R1", at=later)
    world = await after(reminder, fired, cancelled, restored)
    row = await row_of(world, "reminders", "R1")
    assert (row.state, row.due) == ("set", later)
