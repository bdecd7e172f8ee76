"""What /status says of parts that are not well."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.surface import RecordingSurface
from bot.app import App, Overrides, build_app
from bot.reports.report import Report
from bot.reports.status import current_status, status
from core.domain.erasable import Erasable
from core.domain.errors import StorageError, TransientError, UndeliverableError
from core.domain.events import Event, NewEvent
from core.domain.events.gates import CardWanted
from core.domain.events.goals import GoalStarted, GoalWoken
from core.ports.chat_surface import CardView, Outbound
from core.ports.event_log import EventQuery
from core.telemetry.health import MODEL, Health
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.sitting import sitting
from tests.waiting import PATIENCE_S

T = TypeVar("T")
REASON = "mail.send failed 3 of the last 9 times"


async def test_what_fails_is_said_until_it_is_well(place: Place) -> None:
    """A model that is down and a burnt error budget, each with its reason; then all well."""
    async with sitting(place) as talk:
        kernel = talk.app.kernel
        assert (await status(talk.app)).text.endswith("All well.")
        health = Health(kernel.log, kernel.rows)
        await health.say("action:mail.send", "failing", REASON)
        await health.say(MODEL, "failing", "It is down.")
        await health.say(MODEL, "failing", "It is down.")
        report = await status(talk.app)
        assert [one["part"] for one in report.data["failing"]] == ["action:mail.send", "model"]
        assert f"Error budget: {REASON}, so it has no auto until it does better." in report.text
        assert "The model does not answer: It is down. The offline model answers" in report.text
        assert "All well" not in report.text
        for part in ("action:mail.send", MODEL):
            await health.say(part, "well")
        assert (await status(talk.app)).text.endswith("All well.")
        assert len(await talk.events("health.changed.v1")) == 4


async def test_health_that_is_only_in_memory_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log does not take it, and the status says it all the same."""
    async with sitting(place) as talk:

        async def full(*_: object, **__: object) -> None:
            raise StorageError("The disk is full.")

        with monkeypatch.context() as broken:
            broken.setattr(talk.app.store, "append", full)
            await talk.app.health.say("storage", "failing", "The disk is full.")
            report = await status(talk.app)
        assert "Storage: The disk is full." in report.text
        assert "All well" not in report.text


async def test_two_who_ask_at_once_are_both_answered_from_the_store(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A status that takes its time is not taken for a store that is away."""
    async with sitting(place) as talk:
        ready, begun = asyncio.Event(), 0

        async def slow(_app: App) -> Report:
            nonlocal begun
            begun += 1
            await ready.wait()
            return Report(data={}, text="from the store")

        monkeypatch.setattr("bot.reports.status.status", slow)
        asked = [asyncio.create_task(current_status(talk.app))]
        await until(_now(lambda: begun), bool)
        asked.append(asyncio.create_task(current_status(talk.app)))
        await asyncio.sleep(0.1)
        ready.set()
        assert [report.text for report in await asyncio.gather(*asked)] == ["from the store"] * 2


def _now(read: Callable[[], T]) -> Callable[[], Awaitable[T]]:
    async def ask() -> T:
        return read()

    return ask


class Deaf(RecordingSurface):
    """A surface that takes nothing while it is told so."""

    failure: Exception | None = None

    async def send(self, outbound: Outbound) -> str:
        """Fail, or record."""
        if self.failure is not None:
            raise self.failure
        return await super().send(outbound)

    async def show_card(self, card: CardView) -> str:
        """Fail, or record."""
        if self.failure is not None:
            raise self.failure
        return await super().show_card(card)


async def test_what_did_not_arrive_is_said_until_something_does(place: Place) -> None:
    """A chat that takes nothing; one that cannot be reached, once that has lasted a minute."""
    clock = FakeClock(datetime.now(UTC))
    async with sitting(place, Overrides(clock=clock)) as talk:
        deaf = Deaf("terminal")
        talk.app.attach(deaf)
        deaf.failure = UndeliverableError("Blocked.")
        await talk.say("note: one")
        said = (await status(talk.app)).text
        assert "1 message of terminal could not be delivered." in said
        assert "All well" not in said
        deaf.failure = None
        await talk.say("note: two")
        assert "All well" in (await status(talk.app)).text
        deaf.failure = TransientError("It cannot be reached.")
        await talk.hand_in("note: three")
        await until(talk.app.engine.health, lambda health: health.failures)
        clock.advance(0.5)
        assert "not sent yet" not in (await status(talk.app)).text
        clock.set(clock.now() + timedelta(minutes=2))
        said = (await status(talk.app)).text
        assert "1 message of terminal is not sent yet." in said
        assert "All well" not in said


async def until(ask: Callable[[], Awaitable[T]], holds: Callable[[T], object]) -> None:
    """Return when an answer holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds(await ask()):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


async def test_a_goal_that_failed_is_said_until_one_does_better(place: Place) -> None:
    """Its number is named, so that one can ask why."""
    async with sitting(place) as talk:
        await talk.say("note: one")
        folder = place.note().parent
        shutil.rmtree(folder)
        folder.write_text("no folder", encoding="utf-8")
        await talk.say("note: two")
        said = (await status(talk.app)).text
        assert "The newest goal failed: /why G" in said
        assert "All well" not in said
        folder.unlink()
        await talk.say("note: three")
        assert "All well" in (await status(talk.app)).text


async def test_a_goal_that_does_not_move_is_said_at_a_cost_that_does_not_grow(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read to see it is its newest event, and nothing of what went before."""
    clock = FakeClock(datetime.now(UTC))
    async with build_app(place.config(), Overrides(clock=clock), works=False) as app:
        kernel, stream = app.kernel, "goal:G1"
        started = GoalStarted(
            conversation="memory:gone",
            messages=(),
            title=Erasable.of("long ago"),
            origin="message",
            by="owner",
        )
        moved = GoalWoken(conversation="memory:gone", reason="again")
        long = [NewEvent(stream=stream, payload=moved, goal="G1")] * 30
        await kernel.log.append([NewEvent(stream=stream, payload=started, goal="G1"), *long])
        assert "has not moved" not in (await status(app)).text
        clock.set(clock.now() + timedelta(minutes=20))
        later = CardWanted(card="C1", conversation="memory:gone", by="owner")
        await kernel.log.append([NewEvent(stream="card:C1", payload=later, goal="G1")])
        read = kernel.log.read
        of_goal = list[Event]()

        async def counted(query: EventQuery, *, limit: int = 1000) -> Sequence[Event]:
            found = await read(query, limit=limit)
            of_goal.extend(event for event in found if event.goal == "G1")
            return found

        monkeypatch.setattr(kernel.log, "read", counted)
        assert "has not moved" not in (await status(app)).text
        clock.set(clock.now() + timedelta(minutes=20))
        assert "Goal G1 has not moved since " in (await status(app)).text
        assert len(of_goal) < 10


async def test_an_index_that_is_broken_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status itself is there, and does not call it well."""
    async with sitting(place) as talk:
        facts = talk.app.kernel.recall.knowledge.facts

        async def broken(*_: object) -> None:
            raise StorageError("The index cannot be used.")

        monkeypatch.setattr(facts.index, "extent", broken)
        said = (await status(talk.app)).text
        assert "The index cannot be used." in said
        assert "All well" not in said


async def test_a_conversation_that_fails_is_told_to_other_processes(place: Place) -> None:
    """It is on the log after the second look, and is well there when it does not fail any more."""
    clock = FakeClock(datetime.now(UTC))
    async with sitting(place, Overrides(clock=clock)) as talk:
        deaf = Deaf("terminal")
        talk.app.attach(deaf)

        async def later() -> Sequence[dict[str, Any]]:
            clock.advance(1)
            return await talk.app.health.failing()

        deaf.failure = TransientError("It cannot be reached.")
        await talk.hand_in("note: one")
        await until(later, bool)
        (one,) = await talk.app.health.failing()
        assert one["part"] == "engine"
        assert "It cannot be reached" in one["reason"]
        await until(lambda: talk.events("health.changed.v1"), bool)
        (event,) = await talk.events("health.changed.v1")
        assert event.payload["part"] == "engine"
        deaf.failure = None
        await until(later, lambda failing: not failing)


async def test_a_card_that_was_not_shown_is_said_until_it_is_seen(tmp_path: Path) -> None:
    """Its chat took nothing; it waits in the inbox, and can be answered."""
    async with sitting(Place(tmp_path / "place", ASK_FOR_NOTES)) as talk:
        deaf = Deaf("terminal")
        talk.app.attach(deaf)
        deaf.failure = UndeliverableError("Blocked.")
        await talk.say("note: one")
        deaf.failure = None
        said = (await status(talk.app)).text
        (opened,) = await talk.events("card.opened.v1")
        card = opened.payload["card"]
        assert f"Card {card} could not be shown in terminal: /inbox has it." in said
        assert "All well" not in said
        assert card in await talk.say("/inbox")
        await talk.say(f"accept {card}")
        assert "All well" in (await status(talk.app)).text


async def test_work_that_always_breaks_off_is_said_until_it_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old files that cannot be removed, say: each start of the work fails, and nobody waits."""
    clock = FakeClock(datetime.now(UTC))
    broken = True

    async def expire(_kernel: object) -> int:
        if broken:
            raise StorageError("The folder cannot be read.")
        return 0

    monkeypatch.setattr("bot.wiring.upkeep.expire_files", expire)
    async with sitting(place, Overrides(clock=clock)) as talk:

        async def later() -> str:
            clock.advance(1)
            return (await status(talk.app)).text

        line = "Background work (upkeep) breaks off again and again: The folder cannot be read."
        await until(later, lambda text: line in text and "All well" not in text)
        broken = False
        await until(later, lambda text: "All well" in text)


async def test_a_log_without_an_anchor_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would show that it went backwards: the key cannot be kept, or lies in data_dir."""
    monkeypatch.setenv("XDG_STATE_HOME", str(place.data / "state"))
    async with sitting(place) as talk:
        said = (await status(talk.app)).text
        assert "Anchor: The log is not anchored: the key would lie in data_dir" in said
        assert "All well" not in said
