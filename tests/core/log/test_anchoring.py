"""A log held to its anchor: what fits, what does not, and that nothing is taken over in silence."""

import asyncio
from typing import Any

import pytest

from adapters.inmemory.anchor import MemoryAnchor
from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from core.domain.errors import StorageError
from core.domain.events import Event
from core.log import anchoring
from core.log.anchoring import AnchorKeeper, lines, newest
from core.ports.anchor import Anchored, Doubt, Kept, Mark, Seen
from tests.contracts.stores import BOARD, on
from tests.waiting import PATIENCE_S


class Scene:
    """A log, its anchor and its keeper; `said` is what the keeper told of itself."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore((BOARD,), self.clock, SequentialIds())
        self.anchor = MemoryAnchor()
        self.said: list[tuple[str, str]] = []
        self.keeper = self.another()

    def another(self) -> AnchorKeeper:
        """Return the keeper of another process."""

        async def say(state: str, reason: str) -> None:
            self.said.append((state, reason))

        return AnchorKeeper(self.store, self.anchor, self.clock, say)

    async def append(self, count: int = 1) -> Event:
        """Append events; return the last one."""
        return (await self.store.append([on("s") for _ in range(count)])).events[-1]

    def cut(self, count: int) -> None:
        """Take the newest events away, as an older copy of the database does."""
        del self.store.stored[-count:]
        self.store._streams["s"] = len(self.store.stored)

    def forge(self, position: int) -> None:
        """Change an event and compute every later hash again, as whoever writes the file can."""
        prev = ""
        for index, event in enumerate(self.store.stored):
            fields: dict[str, Any] = {"prev": prev} if index else {}
            if event.position == position:
                fields["actor"] = "owner"
            forged = event.model_copy(update=fields)
            forged = forged.model_copy(update={"hash": forged.expected_hash()})
            self.store.stored[index], prev = forged, forged.hash

    async def fit(self) -> tuple[str, bool]:
        """Return how the log stands, and whether nothing speaks against it."""
        found = await self.keeper.standing()
        return found.fit, found.sound

    @property
    def mark(self) -> Mark:
        """What the anchor says."""
        found = newest(self.anchor.seen)
        assert found is not None
        return found


@pytest.fixture
def scene() -> Scene:
    """Give an empty log without an anchor."""
    return Scene()


async def test_a_log_grows_behind_its_anchor(scene: Scene) -> None:
    """From none over held events to more behind them; each time the words say where it is."""
    assert await scene.fit() == ("none", True)
    await scene.keeper.hold(await scene.append(3))
    (line,) = lines(await scene.keeper.standing())
    assert line.startswith(f"Anchored up to event 3 ({scene.mark.hash[:16]}): nothing up to there")
    assert line.endswith("was changed, nothing lies after it.")
    await scene.append(4)
    assert scene.mark.position == 3
    (line,) = lines(await scene.keeper.standing())
    assert line.endswith("nothing up to there was changed, 4 events lie after it.")
    await scene.keeper.hold(await scene.append())
    assert (scene.mark.position, await scene.fit()) == (8, ("fits", True))


async def test_a_chain_that_was_computed_again_is_found(scene: Scene) -> None:
    """The chain of a forged log verifies; its anchor says that it is another one."""
    await scene.keeper.hold(await scene.append(5))
    await scene.append(2)
    for position, fit in ((3, "differs"), (5, "differs"), (1, "other")):
        stored = list(scene.store.stored)
        scene.forge(position)
        assert (await scene.store.verify()).problem is None
        assert await scene.fit() == (fit, False)
        scene.store.stored[:] = stored
    scene.forge(6)
    assert await scene.fit() == ("fits", True), "what lies after the anchor is not vouched for"


async def test_a_log_that_went_backwards_is_found(scene: Scene) -> None:
    """One event less than anchored is enough, and the words name both ends."""
    await scene.keeper.hold(await scene.append(5))
    scene.cut(1)
    found = await scene.keeper.standing()
    assert (found.fit, found.sound) == ("behind", False)
    assert lines(found)[0].startswith("The log is BEHIND its anchor: the anchor says event 5 (")
    assert lines(found)[0].endswith("and the log ends at event 4.")
    assert "verify --accept" in lines(found)[-1]


async def test_what_did_not_fit_stays_until_it_is_accepted(scene: Scene) -> None:
    """A program that goes on with an older log anchors it and keeps the doubt; over restarts."""
    await scene.keeper.hold(await scene.append(9))
    said = scene.mark
    scene.cut(4)
    keeper = scene.another()
    await keeper.start(lead=True)
    await keeper.hold(await scene.append(6))
    await scene.another().start(lead=True)
    found = await scene.keeper.standing()
    assert (found.fit, found.sound, found.ended, scene.mark.position) == ("fits", False, 11, 11)
    (doubt,) = found.doubts
    assert (doubt.mark, doubt.why, doubt.ended) == (said, "behind", 5)
    state, reason = scene.said[-1]
    assert state == "failing"
    assert "the log was behind: its anchor said event 9" in reason
    await scene.keeper.accept()
    assert await scene.fit() == ("fits", True)
    assert scene.said[-1] == ("well", "")


async def test_a_log_that_goes_back_while_it_is_used_is_noticed(scene: Scene) -> None:
    """Not only at a start: an event that comes at a position that was anchored is compared."""
    await scene.keeper.hold(await scene.append(9))
    scene.cut(4)
    await scene.keeper.hold(await scene.append())
    assert [doubt.why for doubt in (await scene.keeper.standing()).doubts] == ["behind"]


async def test_reading_takes_nothing_over(scene: Scene) -> None:
    """A command that leads nothing compares and leaves the anchor as it was."""
    await scene.keeper.hold(await scene.append(5))
    before = scene.anchor.seen
    scene.cut(2)
    keeper = scene.another()
    assert (await keeper.start(lead=False)).fit == "behind"
    await keeper.close()
    assert scene.anchor.seen == before


async def test_an_empty_log_is_a_new_beginning(scene: Scene) -> None:
    """It is said in a line, and what comes is anchored without a doubt."""
    await scene.keeper.hold(await scene.append(5))
    scene.cut(5)
    keeper = scene.another()
    found = await keeper.start(lead=True)
    assert (found.fit, found.sound) == ("new", True)
    (line,) = lines(found)
    assert line.startswith("The log is empty, a new beginning: the anchor beside it is of an ")
    scene.clock.advance(60)
    await keeper.hold(await scene.append(2))
    assert await scene.fit() == ("fits", True)
    assert scene.mark.position == 2


async def test_the_anchor_of_another_log_is_told_apart(scene: Scene) -> None:
    """An anchor that another log wrote in this place does not pass for this log's."""
    await scene.keeper.hold(await scene.append(5))
    other = Scene()
    other.anchor = scene.anchor
    other.clock.advance(60)
    other.keeper = other.another()
    await other.append(7)
    found = await other.keeper.standing()
    assert (found.fit, found.sound) == ("other", False)
    assert lines(found)[0].startswith("This is ANOTHER log than the anchored one, which began with")


async def test_a_foreign_signature_is_a_doubt(scene: Scene) -> None:
    """It vouches for nothing, is said, stays said, and the log is anchored anew."""
    event = await scene.append(5)
    forged = Mark(log=event.hash, position=5, hash=event.hash, at="x")
    scene.anchor.seen = Seen(Kept.UNSIGNED, Anchored(mark=forged), None)
    found = await scene.keeper.standing()
    assert (found.fit, found.sound) == ("none", False)
    assert "The SIGNATURE of the anchor in" in " ".join(lines(found))
    await scene.keeper.start(lead=True)
    found = await scene.keeper.standing()
    assert (found.fit, found.sound, found.seen.kept) == ("fits", False, Kept.SIGNED)
    assert [doubt.why for doubt in found.doubts] == ["unsigned"]


async def test_a_deleted_anchor_is_known_of(scene: Scene) -> None:
    """The copy vouches in its place, and the file is written again."""
    await scene.keeper.hold(await scene.append(5))
    scene.anchor.seen = Seen(Kept.ABSENT, None, scene.anchor.seen.copy)
    assert (
        "is gone; the copy beside the key was compared." in lines(await scene.keeper.standing())[1]
    )
    scene.cut(1)
    assert await scene.fit() == ("behind", False)
    await scene.another().start(lead=True)
    assert scene.anchor.seen.kept is Kept.SIGNED


async def test_an_older_anchor_with_an_older_log_is_found_by_the_copy(scene: Scene) -> None:
    """Both files of yesterday together do not fit what the copy remembers."""
    await scene.keeper.hold(await scene.append(5))
    older = scene.anchor.seen.anchored
    await scene.keeper.hold(await scene.append(5))
    scene.cut(5)
    scene.anchor.seen = Seen(Kept.SIGNED, older, scene.anchor.seen.copy)
    found = await scene.keeper.standing()
    assert (found.fit, found.sound) == ("behind", False)
    assert "says only event 5: it could not be written, or an older one" in lines(found)[1]


async def test_a_place_that_fails_stops_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once while it lasts and once when it is over, and the anchor then catches up."""
    event = await scene.append()

    async def full(_seen: Seen, _new: Anchored) -> Seen:
        message = "The anchor cannot be written: No space left on device."
        raise StorageError(message)

    with monkeypatch.context() as patch:
        patch.setattr(scene.anchor, "swap", full)
        for _ in range(3):
            await scene.keeper.hold(event)
    assert scene.said == [("failing", "The anchor cannot be written: No space left on device.")]
    await scene.keeper.hold(await scene.append())
    assert scene.said[1:] == [("well", "")]
    assert scene.mark.position == 2


async def test_a_burst_is_anchored_at_once_and_the_rest_a_moment_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that nobody waits for cost one write together; closing does not wait for it."""
    monkeypatch.setattr(anchoring, "LATER_S", 1.0)  # longer than the burst, also on a busy machine
    written, real = asyncio.Event(), scene.anchor.swap

    async def swap(seen: Seen, new: Anchored) -> Seen | None:
        written.set()
        return await real(seen, new)

    monkeypatch.setattr(scene.anchor, "swap", swap)
    scene.store.listen(scene.keeper.heard)
    for _ in range(20):
        await scene.append()
    async with asyncio.timeout(PATIENCE_S):
        await written.wait()
    assert (scene.mark.position, scene.anchor.seen.token) == (20, "1")
    monkeypatch.setattr(anchoring, "LATER_S", 60.0)
    await scene.append()
    assert scene.mark.position == 20
    await scene.keeper.close()
    assert scene.mark.position == 21


async def test_two_processes_move_one_anchor(scene: Scene) -> None:
    """Whoever is behind does not take the anchor back, and neither sees a doubt in the other."""
    one, other = scene.another(), scene.another()
    for _ in range(10):
        first, second = await scene.append(), await scene.append()
        await asyncio.gather(other.hold(second), one.hold(first))
        assert scene.mark.position == second.position
    assert await scene.fit() == ("fits", True)


async def test_a_log_that_goes_backwards_while_it_is_written_is_entered_once(scene: Scene) -> None:
    """A failover: the append that shows it returns only after what follows from it is durable."""
    entered: list[tuple[str, int]] = []

    async def say(_state: str, _reason: str) -> None:
        return

    async def enter(doubt: Doubt) -> None:
        entered.append((doubt.why, doubt.mark.position))

    keeper = AnchorKeeper(scene.store, scene.anchor, scene.clock, say, enter)
    await keeper.start(lead=True, works=True)
    await keeper.hold(await scene.append(5))
    assert entered == []
    scene.cut(3)
    scene.clock.advance(60)
    await keeper.hold(await scene.append())
    assert entered == [("behind", 5)]
    await keeper.hold(await scene.append(4))
    again = AnchorKeeper(scene.store, scene.anchor, scene.clock, say, enter)
    await again.start(lead=False, works=False)
    assert entered == [("behind", 5)]
    await again.start(lead=True, works=True)  # what is entered twice is the log's to tell
    assert set(entered) == {("behind", 5)}


async def test_an_anchor_of_another_key_that_fits_loses_nothing(scene: Scene) -> None:
    """Copied to another machine with its anchor: the log is whole, so that nothing is entered."""
    entered: list[str] = []

    async def say(_state: str, _reason: str) -> None:
        return

    async def enter(doubt: Doubt) -> None:
        entered.append(doubt.why)

    event = await scene.append(5)
    fits = Mark(log=scene.store.stored[0].hash, position=5, hash=event.hash, at="x")
    scene.anchor.seen = Seen(Kept.UNSIGNED, Anchored(mark=fits), None)
    keeper = AnchorKeeper(scene.store, scene.anchor, scene.clock, say, enter)
    await keeper.start(lead=True, works=True)
    assert entered == []
    ahead = fits.model_copy(update={"position": 9})
    scene.anchor.seen = Seen(Kept.UNSIGNED, Anchored(mark=ahead), None)
    await AnchorKeeper(scene.store, scene.anchor, scene.clock, say, enter).start(
        lead=True, works=True
    )
    assert entered == ["unsigned"]
