"""Random lives of a core: whatever happens in whatever order, these things hold."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.errors import BadInputError, OutcomeUnknownError, RefusedError, TransientError
from core.domain.events.goals import GoalFinished, GoalStopped, TaskFailed, TaskFinished
from core.domain.events.operations import OperationFinished, OperationStarted
from core.goals.fold import fold
from core.goals.state import GoalState
from core.goals.steps import next_steps, open_cards, wake_at
from core.goals.stop import stop_goals
from core.operations.undo import ask_undo
from core.ports.event_log import EventQuery
from core.projections import ALL
from tests.contracts.stores import digest_by_fold
from tests.core.support.actions import Crash
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

ACTIONS = ["probe.low", "probe.high", "probe.found", "probe.commits", "probe.plain", "probe.read"]
TROUBLE = [
    TransientError("busy"),
    RefusedError("no"),
    OutcomeUnknownError("cut"),
    Crash(),
    ValueError("bug"),
]

tasks = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from(["", "{{ t0.text }}"]), st.integers(0, 1)),
    min_size=1,
    max_size=4,
)
moves = st.one_of(
    st.tuples(st.just("say"), tasks),
    st.tuples(st.just("say"), tasks),
    st.tuples(st.just("decide"), st.sampled_from(["accept", "reject", "edit"]), st.integers(0, 3)),
    st.tuples(st.just("trouble"), st.sampled_from(ACTIONS), st.booleans(), st.integers(0, 4)),
    st.tuples(st.just("decide"), st.sampled_from(["accept", "reject", "edit"]), st.integers(0, 3)),
    st.tuples(st.just("crash"), st.integers(1, 12), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([3, 11, 61, 3600])),
    st.tuples(st.just("stop")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("restart")),
    st.tuples(st.just("drain")),
)


Move = tuple[Any, ...]


async def say(world: World, wanted: list[tuple[str, str, int]]) -> None:
    """Ask for some operations."""
    tasks = [
        do(f"t{n}", name, text=text if n else "x", to=f"p{to}")
        for n, (name, text, to) in enumerate(wanted)
    ]
    world.model._queue.clear()
    world.model.then(*[plan(*tasks)] * 3)
    await world.hear("do")
    await world.drain(HERE)


async def trouble(world: World, action: str, late: bool, which: int) -> None:  # noqa: FBT001
    """Let something go wrong around the next effect; what says that it had none comes before it."""
    probe, error = world.probe(action), TROUBLE[which]
    late = late and not isinstance(error, TransientError | RefusedError)
    (probe.after if late else probe.before).append(error)


async def decide(world: World, verdict: str, which: int) -> None:
    """Decide one of the open cards."""
    if rows := await world.rows("cards", "open"):
        row = rows[which % len(rows)]
        edits = {marker: {"text": "edited"} for marker in row.doc["items"]}
        await world.decide(verdict, row.key, edits=edits if verdict == "edit" else {})


async def crash(world: World, after: int, late: bool) -> None:  # noqa: FBT001
    """Let the process die at one of the next appends."""
    world.store.crash_at, world.store.late = world.store.appends + after, late


async def wait(world: World, seconds: float) -> None:
    """Let time pass."""
    world.clock.advance(seconds)


async def stop(world: World) -> None:
    """Stop everything."""
    await stop_goals(world.kernel, HERE, None, "owner")


async def undo(world: World) -> None:
    """Ask to undo the newest."""
    await ask_undo(world.kernel, HERE, None, "owner")


async def restart(world: World) -> None:
    """Begin a new process."""
    world.restart()


async def drain(world: World) -> None:
    """Drain once more."""
    await world.drain(HERE)


MAKES: dict[str, Callable[..., Awaitable[None]]] = {
    each.__name__: each for each in (say, trouble, decide, crash, wait, stop, undo, restart, drain)
}


async def live(world: World, history: Sequence[Move]) -> None:
    """Make every move; a death is followed by a restart."""
    for move in history:
        try:
            await MAKES[move[0]](world, *move[1:])
        except Crash:
            world.store.crash_at = None
            world.restart()
        except (BadInputError, RefusedError):
            continue
    world.store.crash_at = None


async def come_to_rest(world: World) -> None:
    """Drain until nothing more happens by itself."""
    for _ in range(40):
        head = await world.store.head()
        try:
            await world.drain(HERE)
        except Crash:
            world.restart()
            continue
        if await world.store.head() == head:
            return
    message = "It never comes to rest."
    raise AssertionError(message)


async def check(world: World) -> None:
    """Assert what must always hold."""
    ends = Counter(p.marker for p in world.events(OperationFinished))
    assert all(count == 1 for count in ends.values())
    tasks_ended = Counter(
        (event.goal, event.payload["task"])
        for event in world.store.stored
        if event.type in {TaskFinished.wire, TaskFailed.wire}
    )
    assert all(count == 1 for count in tasks_ended.values())
    goals_ended = Counter(
        event.goal
        for event in world.store.stored
        if event.type in {GoalFinished.wire, GoalStopped.wire}
    )
    assert all(count == 1 for count in goals_ended.values())
    begun = {p.marker for p in world.events(OperationStarted)}
    assert set(ends) <= begun
    for probe in world.probes.values():
        assert set(probe.markers) <= begun
        if probe.idempotent or probe.can_look_up:
            assert all(count == 1 for count in Counter(probe.markers).values())


async def led(world: World, state: GoalState, card: str) -> bool:
    """Return whether the open tasks that joined a card wait for one that is still under way."""
    for task in state.by_card(card):
        if task.ended:
            continue
        goal, _, name = (task.primary or "").partition("/")
        leading = await world.kernel.goal(goal)
        if task.status != "joined" or leading.ended or leading.tasks[name].ended:
            return False
    return True


async def check_rest(world: World) -> None:
    """Assert that every goal that is open waits for an open card or a time, and is a row."""
    for row in await world.rows("goals", "active", "waiting"):
        state = await world.kernel.goal(row.key)
        assert not state.ended
        assert next_steps(state, world.clock.now(), world.drain._scope()) == []
        cards = open_cards(state)
        assert cards or wake_at(state), row
        assert row.state == "waiting"
        assert list(cards) == row.doc["cards"]
        for card in cards:
            found = await world.store.get("cards", card)
            assert found is not None
            assert found.state == "open" or await led(world, state, card)
    for row in await world.rows("cards", "open"):
        goal = await world.store.get("goals", row.doc["goal"])
        assert goal is not None
        assert goal.state == "waiting"
    assert await world.rows("messages", "new") == []
    assert await world.rows("outbox", "queued", "sending") == []


@settings(max_examples=70, suppress_health_check=list(HealthCheck))
@given(history=st.lists(moves, min_size=3, max_size=14))
async def test_random_lives(history: list[Move]) -> None:
    """Nothing ends twice, nothing is lost, everything open waits for something that is there."""
    world = World()
    await live(world, history)
    await come_to_rest(world)
    await check(world)
    await check_rest(world)
    await world.still()


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(history=st.lists(moves, max_size=8))
async def test_every_prefix_is_the_fold_of_itself(history: list[Move]) -> None:
    """A goal replayed up to any event is the fold of that prefix; rows rebuild byte for byte."""
    world = World()
    await live(world, history)
    log = list(await world.kernel.events(EventQuery()))
    for goal in {event.goal for event in log if event.goal}:
        own = [event for event in log if event.goal == goal]
        for cut in range(len(own) + 1):
            state = fold(goal, own[:cut])
            assert state == fold(goal, list(own[:cut]))
            assert state.last == (own[cut - 1].position if cut else 0)
            next_steps(state, world.clock.now(), world.drain._scope())
        assert fold(goal, own) == await world.kernel.goal(goal)
    wire = await world.store.read(EventQuery(), limit=100_000)
    assert await world.store.digest() == digest_by_fold(ALL, wire)
