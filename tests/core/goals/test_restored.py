"""After a log went backwards, what was asked, allowed or begun before asks once more; only that."""

from collections.abc import Mapping, Sequence

import pytest

from core.domain.events import NewEvent
from core.domain.events.gates import CardOpened
from core.domain.events.holds import LogRestored
from core.domain.events.operations import OperationUnknown
from core.goals.agenda import RowAgenda
from core.ports.event_log import Appended
from core.ports.read_models import RowQuery
from core.telemetry.holds import holds, timers_held
from core.telemetry.restored import accept_log, enter_restored
from tests.core.support.actions import Crash
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World


async def goes_back(world: World) -> None:
    """Restart on a log that is behind its anchor."""
    ended, _ = await world.store.head()
    await enter_restored(world.store, LogRestored(why="restore", ended=ended))
    world.restart()


async def test_an_open_card_asks_once_more_and_only_once() -> None:
    """The first accept opens a second card, the second one acts; a new card acts at once."""
    world = World()
    await world.say("do it", plan(do("a", "probe.high", text="x")))
    first = world.card
    await goes_back(world)
    decided = await world.decide("accept", first.card)
    assert all(item.asks_twice for item in decided.view.items)
    assert decided.view.note.startswith("The log was restored from a backup that ended at event ")
    assert world.probe("probe.high").effects == []
    second = world.card
    assert (second.kind, second.card != first.card) == ("unknown", True)
    assert second.why.startswith(f"You accepted {first.card}. The log was restored from a backup")
    await world.decide("accept")
    assert len(world.probe("probe.high").effects) == 1
    await world.say("do more", plan(do("a", "probe.high", text="y")))
    await world.decide("accept")
    assert len(world.probe("probe.high").effects) == 2
    await world.still()


async def test_the_go_does_not_answer_old_cards() -> None:
    """What may have happened may have happened, whatever the owner said about timers."""
    world = World()
    await world.say("do it", plan(do("a", "probe.high", text="x")))
    await goes_back(world)
    assert await accept_log(world.store, world.store, "owner")
    assert not await accept_log(world.store, world.store, "owner")
    await world.decide("accept")
    assert world.probe("probe.high").effects == []
    await world.decide("reject")
    assert world.probe("probe.high").effects == []
    await world.still()


async def test_an_accept_from_before_asks_too() -> None:
    """Accepted and not begun yet, as far as the older log knows."""
    world = World()
    await world.say("do it", plan(do("a", "probe.high", text="x")))
    await world.decide("accept", drain=False)
    await goes_back(world)
    await world.drain(HERE)
    assert world.probe("probe.high").effects == []
    assert world.card.kind == "unknown"
    await world.decide("accept")
    assert len(world.probe("probe.high").effects) == 1
    await world.still()


@pytest.mark.parametrize("action", ["probe.commits", "probe.plain", "probe.found", "probe.low"])
async def test_what_was_begun_is_unknown(action: str) -> None:
    """No commit on the log proves nothing: asked, unless it is idempotent or can be looked up."""
    world = World()
    world.probe(action).before.append(Crash())
    await world.hear("do it")
    world.model.then(plan(do("a", action, text="x")))
    with pytest.raises(Crash):
        await world.drain(HERE)
    await goes_back(world)
    await world.drain(HERE)
    asks = action in {"probe.commits", "probe.plain"}
    assert [p.next for p in world.events(OperationUnknown)] == ["ask" if asks else "repeat"]
    assert len(world.probe(action).effects) == (0 if asks else 1)
    await world.still()


async def test_what_was_allowed_and_not_begun_is_unknown() -> None:
    """An operation that was auto, with no start on the older log, may have run on the newer one."""
    world = World()

    async def dies_at_the_start(events: Sequence[NewEvent]) -> bool:
        if any(event.payload.wire == "operation.started.v1" for event in events):
            world.store.meanwhile = None
            raise Crash
        return False

    world.store.meanwhile = dies_at_the_start
    await world.hear("do it")
    world.model.then(plan(do("a", "probe.plain", text="x")))
    with pytest.raises(Crash):
        await world.drain(HERE)
    await goes_back(world)
    await world.drain(HERE)
    assert world.probe("probe.plain").effects == []
    assert world.card.kind == "unknown"
    await world.still()


async def test_a_goal_from_before_asks_for_all_it_does() -> None:
    """Planned after, asked for before: what would be auto is a card that says why; new ones not."""
    world = World()
    await world.say(
        "earlier", plan(do("a", "probe.high", text="x"), do("b", "probe.low", text="{{ a.to }}"))
    )
    await goes_back(world)
    await world.decide("accept")
    await world.decide("accept")
    opened = (await world.told(CardOpened))[-1]
    assert [item.action for item in opened.items] == ["probe.low"]
    assert "it may have been done already: the log went backwards" in str(opened.items[0].ruling)
    await world.say("later", plan(do("a", "probe.low", text="y")))
    assert [args.text for args in world.probe("probe.low").effects] == ["y"]


async def test_reminders_wait_for_the_go() -> None:
    """Neither fired nor due, however late; afterwards each comes once and says what it may be."""
    world = World()
    await world.say("remind me", plan(do("a", "reminder.set", text="stretch", at="in 2 hours")))
    await goes_back(world)
    world.clock.advance(5 * 3600)
    agenda, now = RowAgenda(world.store), world.clock.now()
    assert (await agenda.due(now), await agenda.next_due()) == ([], None)
    await world.drain(HERE)
    assert await world.store.count(RowQuery("reminders", states=frozenset({"set"}))) == 1
    assert await timers_held(world.store)
    await accept_log(world.store, world.store, "owner")
    assert await agenda.due(now) == [HERE]
    await world.drain(HERE)
    assert world.surface.texts[-1].endswith(
        "3 h ago; the log went backwards since it was set, so it may have come before)"
    )
    assert await holds(world.store) == []
    await world.still()


async def test_a_message_that_was_queued_before_says_that_it_may_be_a_repetition() -> None:
    """It may have been sent on the newer log."""
    world = World()
    away = world.surfaces.pop("memory")
    await world.say("do it", plan(do("a", "probe.low", text="x")))
    await goes_back(world)
    world.surfaces["memory"] = away
    await world.drain(HERE)
    assert [outbound.repeat for outbound in world.surface.sent] == [True]
    await world.say("again", plan(do("a", "probe.low", text="y")))
    assert world.surface.sent[-1].repeat is False


async def test_a_log_that_goes_back_as_an_effect_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noticed while the start is anchored, as after a failover: the effect does not begin."""
    world = World()
    real = world.store.append

    async def append(
        events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        appended = await real(events, expect=expect)
        if any(event.type == "operation.started.v1" for event in appended.events):
            behind = LogRestored(why="behind", ended=1, anchored=9)
            await enter_restored(world.store, behind, key="restored:once")
        return appended

    monkeypatch.setattr(world.store, "append", append)
    await world.say("do it", plan(do("a", "probe.plain", text="x")))
    assert world.probe("probe.plain").effects == []
    assert world.card.kind == "unknown"
    await world.decide("accept")
    assert len(world.probe("probe.plain").effects) == 1
    await world.still()
