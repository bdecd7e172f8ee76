"""What fails twice for its own sake is set aside, said, and holds up nothing behind it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.domain.errors import BugError, StorageError, TransientError
from core.domain.events import decode
from core.domain.events.aside import EventSetAside
from core.domain.events.goals import GoalWoken
from core.ports.chat_surface import Outbound
from core.ports.event_log import EventQuery
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

BROKEN = "it must not be told: secret detail"


async def drained(world: World) -> Exception | None:
    """Drain as the engine does: what is raised is tried again; return the last of it."""
    error: Exception | None = None
    for _ in range(4):
        try:
            await world.drain(HERE)
        except Exception as raised:  # noqa: BLE001 - whatever it is, the engine tries again
            error = raised
        else:
            return error
    return error


async def asides(world: World) -> list[EventSetAside]:
    """Return what was set aside."""
    found = await world.kernel.events(EventQuery(type=EventSetAside.wire))
    return [payload for event in found if isinstance(payload := decode(event), EventSetAside)]


def breaks(world: World, module: str, name: str, wanted: Callable[..., bool]) -> Callable[..., Any]:
    """Return a function in place of another, that breaks for what is `wanted`."""
    real = __import__(module, fromlist=[name]).__dict__[name]

    def broken(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - in place of any function
        if wanted(*args):
            raise KeyError(BROKEN)
        return real(*args, **more)

    assert world is not None
    return broken


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_goal_whose_events_cannot_be_read_is_set_aside(
    monkeypatch: pytest.MonkeyPatch,
    restarted: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The message after it is answered at once; the owner is told in one sentence, once."""
    world = World()
    await world.say("the broken one", plan(do("a", "probe.high", text="x")))
    goal = (await world.rows("goals"))[0].key
    await world.decide("accept", drain=False)
    monkeypatch.setattr(
        "core.kernel.fold", breaks(world, "core.kernel", "fold", lambda name, _: name == goal)
    )
    world.model.then("Hello.")
    await world.hear("hi")
    assert isinstance(await drained(world), KeyError)
    assert "Hello." in world.surface.texts
    (aside,) = await asides(world)
    assert (aside.kind, aside.subject) == ("goal", goal)
    (told,) = [text for text in world.surface.texts if "aside" in text]
    assert told.startswith("I set the work on “the broken one” aside, because it failed twice (Key")
    assert "secret detail" not in f"{told}{aside}"
    if restarted:
        world.restart()
    assert await drained(world) is None
    assert len(await asides(world)) == 1
    assert [row.state for row in await world.rows("aside", group=HERE)] == ["told"]
    assert await world.say("and now?", "Fine.") == ["Fine."]
    before, after = await world.store.rebuild()
    assert before == after


async def test_a_card_of_a_goal_that_is_set_aside_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be accepted that nobody would do; who waits for it too is told."""
    world = World()
    await world.say("two", plan(do("a", "probe.high", text="x"), do("b", "probe.high", text="y")))
    await world.say("same", plan(do("a", "probe.high", text="x"), do("b", "probe.high", text="y")))
    first, second = sorted(await world.rows("goals"), key=lambda row: int(row.doc["position"]))
    await world.append(f"goal:{first.key}", GoalWoken(conversation=HERE, reason="x"), first.key)
    real = breaks(world, "core.kernel", "fold", lambda name, _: name == first.key)
    monkeypatch.setattr("core.kernel.fold", real)
    await drained(world)
    assert [one.subject for one in await asides(world)] == [first.key]
    cards = [row for row in await world.rows("cards", group=HERE) if row.doc.get("goal")]
    assert {row.state for row in cards if row.doc["goal"] == first.key} == {"expired"}
    ended = await world.kernel.goal(second.key)
    assert {task.failure for task in ended.tasks.values()} == {"failed"}


async def test_a_step_that_cannot_even_fail_sets_its_goal_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A step breaks, and so does what would end its goal with a sentence."""
    world = World()

    async def broken(*_: object) -> None:
        raise KeyError(BROKEN)

    monkeypatch.setattr("core.goals.drain.fail_step", broken)
    world.model.then(BugError("broken"), BugError("broken"), "Hello.")
    await world.hear("first")
    assert isinstance(await drained(world), KeyError)
    await world.hear("second")
    await drained(world)
    assert [one.kind for one in await asides(world)] == ["goal"]
    assert world.surface.texts[-1] == "Hello."


async def test_a_reminder_that_fails_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others of the conversation fire all the same."""
    world = World()
    for text in ("bad", "good"):
        args = {"text": text, "at": (world.clock.now() + timedelta(hours=1)).isoformat()}
        await world.say(text, plan(do("a", "reminder.set", **args)))
    world.clock.advance(3601)
    bad = (await world.rows("reminders", "set"))[0]
    real = breaks(world, "core.goals.reminding", "decode", lambda event: bad.key in event.stream)
    monkeypatch.setattr("core.goals.reminding.decode", real)
    await drained(world)
    assert "Reminder: good" in world.surface.texts
    assert [(one.kind, one.subject) for one in await asides(world)] == [("reminder", bad.key)]
    assert await drained(world) is None


@pytest.mark.parametrize("method", ["send", "show_card", "update_card"])
async def test_what_a_surface_cannot_show_is_set_aside(method: str) -> None:
    """A message or a card that breaks its surface is left out; what comes after it is shown."""
    world = World()
    surface, real = world.surface, getattr(world.surface, method)

    async def broken(shown: Any, *more: Any) -> Any:  # noqa: ANN401 - of any method
        if "bad" in str(shown):
            raise KeyError(BROKEN)
        return await real(shown, *more)

    setattr(surface, method, broken)
    if method == "send":
        world.model.then("a bad answer", "good")
        await world.hear("first")
    else:
        world.model.then(plan(do("a", "probe.high", text="bad")), "good")
        await world.hear("first")
        if method == "update_card":
            await world.drain(HERE)
            await world.decide("reject", drain=False)
    await drained(world)
    await world.hear("second")
    assert await drained(world) is None
    assert surface.texts[-1] == "good"
    assert len(await asides(world)) == 1
    assert await drained(world) is None


async def test_a_surface_that_takes_nothing_ends_nothing_in_a_loop() -> None:
    """Where the sentence itself cannot be sent, it is set aside without another one."""
    world = World()

    async def broken(_: Outbound) -> str:
        raise KeyError(BROKEN)

    world.surface.send = broken  # type: ignore[method-assign,assignment]
    world.model.then("an answer")
    await world.hear("first")
    await drained(world)
    await drained(world)
    assert [one.kind for one in await asides(world)] == ["outgoing", "outgoing"]
    assert {row.state for row in await world.rows("aside", group=HERE)} == {"untold"}
    assert await drained(world) is None


@pytest.mark.parametrize(
    "error", [StorageError("full"), TransientError("away"), OSError("full"), MemoryError()]
)
async def test_what_is_out_of_reach_is_no_reason(error: Exception) -> None:
    """A store or a chat that fails sets nothing aside, however often."""
    world = World()
    real = world.surface.send

    async def broken(_: Outbound) -> str:
        raise error

    world.surface.send = broken  # type: ignore[method-assign,assignment]
    world.model.then("an answer")
    await world.hear("first")
    assert await drained(world) is error
    assert await asides(world) == []
    world.surface.send = real  # type: ignore[method-assign]
    assert await drained(world) is None
    assert world.surface.texts[-1].endswith("an answer")
