from collections.abc import Mapping, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.events import NewEvent
from core.log.folding import Folder
from core.ports.event_log import Appended, EventQuery
from core.projections import ALL
from tests.contracts.stores import digest_by_fold
from tests.core.goals.test_invariants import Move, live, moves
from tests.core.support.stores import FragileStore
from tests.core.support.world import World


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(history=st.lists(moves, min_size=2, max_size=6))
async def test_rows_are_the_fold_of_the_log_at_every_append(
    history: list[Move],
) -> None:
    """After each append of a random life every read model is the fold of the log so far."""
    world = World()
    digests: list[tuple[int, str]] = []
    append = FragileStore.append

    async def noted(
        events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        appended = await append(world.store, events, expect=expect)
        digests.append((len(world.store.stored), await world.store.digest()))
        return appended

    world.store.append = noted  # type: ignore[method-assign]
    await live(world, history)
    log = await world.store.read(EventQuery(), limit=100_000)
    for length, digest in dict(digests).items():
        assert digest == digest_by_fold(ALL, log[:length])
    before, after = await world.store.rebuild()
    assert before == after


def test_projections_have_names_of_their_own() -> None:
    """Each projection has its own name and handles types that are there."""
    names = [projection.name for projection in ALL]
    assert len(names) == len(set(names))
    assert all(projection.handles for projection in ALL)
    assert Folder(ALL).projections == tuple(ALL)
