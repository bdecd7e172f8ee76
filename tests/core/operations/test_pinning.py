"""Files that an operation names, pinned: what becomes of it when they are not what was approved."""

from collections import deque
from typing import ClassVar

from core.domain.cards import Impact
from core.domain.errors import FileChangedError, TransientError
from core.domain.events.gates import CardOpened
from core.domain.events.operations import OperationFailed, OperationStarted
from core.domain.files import Pin
from tests.core.support.actions import Probe, ProbeArgs
from tests.core.support.plans import do, plan
from tests.core.support.world import Setup, World

A, B, C = (
    Pin(name="a.txt", place="files/a.txt", digest=letter * 64, size=size)
    for letter, size in (("a", 1), ("b", 2_000), ("c", 3_000_000))
)
SEND = plan(do("t", "probe.file", to="bob"))


class FileProbe(Probe):
    """Names one file, which is what `file` says."""

    name: ClassVar[str] = "probe.file"
    commits: ClassVar[bool] = True

    def __init__(self, file: Pin = A) -> None:
        """Begin with a file."""
        super().__init__()
        self.file = file

    async def pins(self, args: ProbeArgs) -> tuple[Pin, ...]:
        """Return the file."""
        return (self.file,)


class LowProbe(FileProbe):
    """Does the same to the owner's own data."""

    name: ClassVar[str] = "probe.lowfile"
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "restore"


def world_of(probe: FileProbe) -> World:
    """Return a core with the action."""
    return World(Setup(actions=[probe]))


async def test_what_changes_while_it_begins_is_asked_anew() -> None:
    """An action that finds other bytes than its start did does nothing, and a new card asks."""
    probe = FileProbe()
    world = world_of(probe)
    await world.say("send", SEND)
    probe.before = deque([FileChangedError("a.txt changed: it was x and is now y.")])
    await world.decide()
    assert probe.effects == []
    assert "a.txt changed: it was x and is now y" in world.card.why
    (failed,) = world.events(OperationFailed)
    assert failed.retry_at is None
    await world.decide()
    assert len(probe.effects) == 1
    assert [one.attempt for one in world.events(OperationStarted)] == [1, 2]
    await world.still()


async def test_each_change_is_asked_about() -> None:
    """However often it changes between card and answer, also back, each is a card of its own."""
    probe = FileProbe()
    world = world_of(probe)
    await world.say("send", SEND)
    for file in (B, A, B):
        probe.file = file
        await world.decide()
    assert probe.effects == []
    assert len({card.card for card in world.events(CardOpened)}) == 4
    assert "it was 1 byte" in world.card.why
    assert "is now 2.0 kB" in world.card.why
    await world.decide()
    assert [context.pins for context in probe.contexts] == [(B,)]
    await world.still()


async def test_a_card_of_an_earlier_version_asks_anew() -> None:
    """A card that pinned nothing shows nothing of the file: its answer sends nothing."""
    probe = FileProbe()
    world = world_of(probe)
    opened, probe.pins = probe.pins, Probe().pins  # type: ignore[method-assign] # before there were pins
    await world.say("send", SEND)
    probe.pins = opened  # type: ignore[method-assign] # and after
    await world.decide()
    assert probe.effects == []
    assert "a.txt was not shown before" in world.card.why
    await world.decide()
    assert len(probe.effects) == 1


async def test_a_retry_sends_what_was_approved() -> None:
    """The card that asks to do it again holds the old bytes; others are asked about."""
    probe = FileProbe()
    world = world_of(probe)
    await world.say("send", SEND)
    probe.before = deque([TransientError("no route")])
    await world.decide()
    assert world.card.kind == "unknown"
    assert world.card.items[0].pins == (A,)
    probe.file = C
    await world.decide()
    assert probe.effects == []
    assert "is now 3.0 MB" in world.card.why
    await world.decide()
    assert [context.pins for context in probe.contexts[1:]] == [(C,)]


async def test_a_retry_by_itself_stops_at_other_bytes() -> None:
    """What was allowed without a card is not done with a file that changed before the retry."""
    probe = LowProbe()
    world = world_of(probe)
    probe.before = deque([TransientError("busy")])
    await world.say("do it", plan(do("t", "probe.lowfile", to="bob")))
    probe.file = B
    world.clock.advance(60)
    await world.drain("memory:1")
    assert probe.effects == []
    assert world.card.kind == "operation"
    assert "You allowed this before, but a.txt changed" in world.card.why
    await world.decide()
    assert len(probe.effects) == 1


async def test_a_replaced_file_binds_only_where_it_was_shown() -> None:
    """What nobody looked at may have changed: an operation that asks nobody goes on."""
    probe = LowProbe(A.model_copy(update={"use": "replaced"}))
    world = world_of(probe)
    probe.before = deque([TransientError("busy")])
    await world.say("do it", plan(do("t", "probe.lowfile", to="bob")))
    probe.file = B.model_copy(update={"use": "replaced"})
    world.clock.advance(60)
    await world.drain("memory:1")
    assert len(probe.effects) == 1
    assert probe.contexts[-1].pins == ()
