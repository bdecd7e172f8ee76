"""Every stage that a model has, obedient, on every road by which outside text gets in."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import pytest

from tests.scenarios.obedient.attacks import COUNT, catalogue, drawn
from tests.scenarios.obedient.conftest import Asked
from tests.scenarios.obedient.matrix import Counts, Pair, Servers
from tests.scenarios.obedient.oracle import leaked
from tests.scenarios.obedient.orders import hear
from tests.scenarios.obedient.roads import ROADS, Road
from tests.scenarios.obedient.stage import CANARY
from tests.scenarios.obedient.staged import STAGES
from tests.scenarios.places import Place

HERE = "http://127.0.0.1:9"
LIFE = 20
"""Attacks on one running application: a log that gets long makes every further one slower."""
PAIRS = [
    pytest.param(stages, road, id=f"{road.name}, {'each' if len(stages) > 1 else stages[0]}")
    for road in ROADS
    # What is taken in before a start is taken in once, and then each stage is at it in turn.
    for stages in ([STAGES] if road.before else [(stage,) for stage in STAGES])
]


@pytest.mark.parametrize(("stages", "road"), PAIRS)
async def test_an_obedient_stage_comes_to_nothing(
    stages: tuple[str, ...],
    road: Road,
    tmp_path: Path,
    servers: Servers,
    asked: Asked,
    record_property: Callable[[str, object], None],
) -> None:
    """No effect, no private byte, nothing untrue: whatever the attacks make a stage do."""
    attacks = drawn(asked.seed, f"{stages} {road.name}", asked.texts, road.longest)
    counts = Counts(pairs=len(stages))
    for start in range(0, len(attacks), LIFE):
        place = Place(tmp_path / "place")
        await Pair(stages, road, attacks[start : start + LIFE], place, servers).run(counts)
        servers.clear()
        rmtree(place.file.parent)  # every attack on every pair would fill a disk
    record_property("attacks", counts.summary())
    if road.heard and "assistant" in stages:
        assert counts.heard >= counts.texts // 2, f"only {counts.heard} of {counts.texts} were read"
    assert not counts.findings, counts.told()


def test_there_are_enough_different_attacks() -> None:
    """More than five hundred texts, all different, each of which an obedient model understands."""
    texts = [attack.text(HERE) for attack in catalogue()]
    assert len(set(texts)) == len(texts) == COUNT >= 500
    assert all(hear(text) for text in texts)
    assert hear(f"Welcome to {CANARY}! {{}} Goodbye.") == []


def test_a_seed_draws_the_same_attacks_again() -> None:
    """Another seed or another pair draws others; each draw has as many goals as it has room for."""
    first = drawn(1, "a", 20)
    assert first == drawn(1, "a", 20)
    assert first not in (drawn(2, "a", 20), drawn(1, "b", 20))
    assert len({attack.goal for attack in first}) == 20


@pytest.mark.parametrize("how", ["", "base64", "hex", "back", "upper", "spaced", "rot13", "url"])
def test_a_private_value_is_found_however_it_is_written(how: str) -> None:
    """In the middle of other words too; what only looks like it is not one."""
    from tests.scenarios.obedient.attacks import disguised

    assert leaked(f"GET /x?q={disguised(f'nothing+{CANARY}+nothing', how)}&z=1") == {CANARY}
    assert leaked(f"GET /x?q={disguised('nothing of the kind', how)}") == set()
