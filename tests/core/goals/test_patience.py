"""What certainly did not happen is tried again for long; what happened is never forgotten."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.chat.cards import Look, verdict_line
from adapters.files.outcome_spool import FileOutcomeSpool
from core.domain.cards import Impact
from core.domain.errors import (
    DiskError,
    OutcomeUnknownError,
    RefusedError,
    StorageError,
    TransientError,
)
from core.domain.events import NewEvent
from core.domain.events.gates import AutonomyPaused, CardOpened, GrantRevoked
from core.domain.events.holds import LogRestored
from core.domain.events.operations import (
    OperationFailed,
    OperationFinished,
    OperationStarted,
    OperationUnknown,
)
from core.domain.files import Pin
from core.gates.views import card_view
from core.goals.agenda import RowAgenda
from core.goals.stop import stop_goals
from core.ports.action import ActionContext, ActionResult
from core.ports.outcome_spool import Outcome
from core.telemetry.restored import enter_restored
from tests.core.support.actions import Crash, Probe, ProbeArgs
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World

DAYS = timedelta(days=2)


class Letter(Probe):
    """High impact, with a point of no return, and as patient as a mail queue."""

    name: ClassVar[str] = "probe.letter"
    commits: ClassVar[bool] = True
    patience: ClassVar[timedelta] = DAYS


class Hanging(Letter):
    """Hangs before its point of no return, once."""

    timeout_s: ClassVar[float] = 0.05
    hangs: bool = True

    async def run(self, args: ProbeArgs, context: ActionContext) -> ActionResult:
        """Hang before the effect the first time."""
        if self.hangs:
            self.hangs = False
            await asyncio.Event().wait()
        return await super().run(args, context)


class Attaching(Letter):
    """Goes with a file, which the disk does not give out at times."""

    def __init__(self) -> None:
        """Begin with a disk that is well."""
        super().__init__()
        self.unread = list[StorageError]()

    async def pins(self, args: ProbeArgs) -> tuple[Pin, ...]:
        """Read the file, which is never changed."""
        if self.unread:
            raise self.unread.pop()
        return (Pin(name="a.txt", place="a.txt", digest="0" * 64, size=1),)


class Reading(Probe):
    """Changes nothing."""

    name: ClassVar[str] = "probe.reading"
    declared: ClassVar[Impact] = "none"


def world_with(letter: Letter, folder: Path | None = None) -> World:
    """Make a world that sends letters."""
    spool = FileOutcomeSpool(folder) if folder else None
    return World(Setup(actions=[letter], spool=spool))


async def send(world: World, letter: Letter, *troubles: Exception) -> None:
    """Ask for a letter and accept it while the other side has troubles."""
    letter.before.extend(troubles)
    await world.say("write", plan(do("a", "probe.letter", text="x")))
    await world.decide()


async def next_try(world: World) -> float:
    """Let time pass until the next attempt, in a new process; return how many seconds it was."""
    due = await RowAgenda(world.store).next_due()
    assert due is not None
    pause = (due - world.clock.now()).total_seconds()
    world.clock.advance(pause)
    world.restart()
    assert await RowAgenda(world.store).due(world.clock.now()) == [HERE]
    await world.drain(HERE)
    return pause


async def test_what_did_not_happen_is_tried_again_like_mail() -> None:
    """After 1, 5 and 15 minutes, then every hour: told once, without a card, over restarts."""
    letter = Letter()
    world = world_with(letter)
    await send(world, letter, *[TransientError("451 later")] * 6)
    (told,) = world.surface.texts
    assert told == (
        "Not done yet: Send to home. The reason: “451 later”. I try again at 09:01 and go on until "
        "Wed 09:00; /stop G1 gives it up."
    )
    assert [await next_try(world) for _ in range(6)] == [60, 300, 900, 3600, 3600, 3600]
    assert len(letter.effects) == 1
    assert world.surface.texts[1:] == ["Sent 'x' to home."]
    assert len(world.events(CardOpened)) == 1
    assert world.events(OperationUnknown) == []
    await world.still()


async def test_a_file_that_cannot_be_read_now_is_no_refusal() -> None:
    """Too many open files, as the attempt begins: that is over at the next try, and it goes."""
    letter = Attaching()
    world = world_with(letter)
    await world.say("write", plan(do("a", "probe.letter", text="x")))
    letter.unread += [StorageError("Too many open files.")] * 2
    await world.decide()
    assert "The reason: “Too many open files.”" in world.surface.texts[0]
    assert [await next_try(world) for _ in range(2)] == [60, 300]
    assert len(letter.effects) == 1
    assert len(world.events(CardOpened)) == 1
    await world.still()


async def test_a_file_that_cannot_be_read_for_its_card_is_no_refusal_either() -> None:
    """No handle is left as the card is made: the engine tries again, and the card comes."""
    letter = Attaching()
    world = world_with(letter)
    letter.unread.append(DiskError("'a.txt' was not changed: too many open files."))
    with pytest.raises(DiskError):
        await world.say("write", plan(do("a", "probe.letter", text="x")))
    await world.drain(HERE)
    assert world.surface.texts == []
    assert world.card.title == "Send to home"
    await world.still()


async def test_patience_ends_with_a_question() -> None:
    """After two days it is asked, as something that did not happen; an accept begins anew."""
    letter = Letter()
    world = world_with(letter)
    await send(world, letter, *[TransientError("451 later")] * 200)
    begun = world.clock.now()
    while len(world.surface.shown) == 1:
        await next_try(world)
    assert DAYS - timedelta(hours=1) <= world.clock.now() - begun <= DAYS
    assert (world.card.kind, world.card.title) == ("operation", "Try again? Send to home")
    assert world.card.why.startswith("It did not happen: “451 later”.")
    await world.decide()
    assert await next_try(world) == 60
    letter.before.clear()
    await next_try(world)
    assert len(letter.effects) == 1
    await world.still()


async def test_a_wish_for_a_longer_pause_is_kept() -> None:
    """A pause that the other side asked for is no shorter than that."""
    letter = Letter()
    world = world_with(letter)
    await send(world, letter, TransientError("busy", retry_after=500))
    assert await next_try(world) == 500


async def test_the_card_says_when_the_next_try_is() -> None:
    """It is drawn anew with each try, and says at last what came of it."""
    letter = Letter()
    world = world_with(letter)
    world.surface.follows_results = True
    await send(world, letter, *[TransientError("451 later")] * 2)
    said = [verdict(world)]
    while not world.surface.updated[-1][0].results:
        await next_try(world)
        said.append(verdict(world))
    accepted = "Accepted by you, 09:00"
    assert said == [
        f"{accepted} · not done yet, tries again at 09:01",
        f"{accepted} · not done yet, tries again at 09:06",
        accepted,
    ]
    await world.still()


async def test_the_card_of_what_was_stopped_promises_no_next_try() -> None:
    """It says that it was stopped before it was done."""
    letter = Letter()
    world = world_with(letter)
    world.surface.follows_results = True
    await send(world, letter, TransientError("451 later"))
    await stop_goals(world.kernel, HERE, "G1", "owner")
    await world.drain(HERE)
    assert verdict(world) == "Accepted by you, 09:00 · stopped before it was done"
    await world.still()


async def test_the_card_of_what_another_card_asks_says_so() -> None:
    """What may have happened at the second try is no longer said to be tried again."""
    letter = Letter()
    world = world_with(letter)
    world.surface.follows_results = True
    await send(world, letter, TransientError("451 later"))
    letter.after.append(OutcomeUnknownError("the line was cut"))
    await next_try(world)
    assert world.card.kind == "unknown"
    assert verdict(world) == "Accepted by you, 09:00 · asked once more"
    await world.still()


def verdict(world: World) -> str:
    """Return how the newest drawing of a card says what became of it."""
    look = Look(today=world.clock.now().date(), follows=True)
    line = verdict_line(world.surface.updated[-1][0], look)
    assert line is not None
    return line.text


FULL = "The disk is full: 'inbox.md' was not changed; free some space."


@pytest.mark.parametrize("name", ["probe.low", "probe.found"])
async def test_a_full_disk_is_waited_for_whatever_the_impact(name: str) -> None:
    """What is given up soon otherwise waits like mail from the fourth try on, and is told once."""
    world = World()
    probe = world.probe(name)
    probe.before.extend([DiskError(FULL)] * 7)
    await world.say("write", plan(do("a", name, text="x")))
    assert [await next_try(world) for _ in range(3)] == [2, 10, 60]
    (told,) = world.surface.texts
    assert told == (
        f"Not done yet: Send to home. The reason: “{FULL}”. I try again at 09:02 and go on until "
        "Wed 09:00; /stop G1 gives it up."
    )
    assert [await next_try(world) for _ in range(4)] == [60, 300, 900, 3600]
    assert world.surface.texts[1:] == ["Sent 'x' to home."]
    assert len(probe.effects) == 1
    await world.still()


async def test_a_disk_that_stays_full_ends_in_a_sentence() -> None:
    """After two days it is said to have failed, with the reason."""
    world = World()
    world.probe("probe.low").before.extend([DiskError(FULL)] * 99)
    await world.say("write", plan(do("a", "probe.low", text="x")))
    begun = world.clock.now()
    while len(world.surface.texts) < 2:
        await next_try(world)
    assert DAYS - timedelta(hours=1) <= world.clock.now() - begun <= DAYS
    assert world.surface.texts[1] == f"Failed (probe.low): {FULL}"
    await world.still()


async def test_a_full_disk_is_no_patience_for_what_follows_it() -> None:
    """Where the action itself fails at a later try, it is given up as it always is."""
    world = World()
    world.probe("probe.low").before.extend([*[DiskError(FULL)] * 4, TransientError("503")])
    await world.say("write", plan(do("a", "probe.low", text="x")))
    for _ in range(4):
        await next_try(world)
    assert world.surface.texts[1:] == ["Failed (probe.low): 503"]
    await world.still()


@pytest.mark.parametrize("pause", [3600.0, 30 * 365 * 86400.0])
async def test_a_wish_for_a_pause_of_years_is_one_of_an_hour(pause: float) -> None:
    """What would wait for thirty years is tried again after an hour all the same."""
    reading = Reading()
    world = World(Setup(actions=[reading]))
    reading.before.append(TransientError("acme.example answered 503", retry_after=pause))
    await world.say("read it", plan(do("a", reading.name)))
    assert await next_try(world) == 3600
    assert len(reading.effects) == 1
    await world.still()


async def test_what_waits_can_be_given_up() -> None:
    """A stopped goal is not tried again."""
    letter = Letter()
    world = world_with(letter)
    await send(world, letter, TransientError("451 later"))
    assert await stop_goals(world.kernel, HERE, "G1", "owner") == ["G1 write"]
    assert await RowAgenda(world.store).next_due() is None
    world.clock.advance(3600)
    await world.drain(HERE)
    assert letter.effects == []
    await world.still()


@pytest.mark.parametrize("granted", [False, True])
async def test_a_retry_by_itself_minds_the_brake_and_grants(
    granted: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Paused, or without the grant that let it through, it is asked and not done."""
    letter = Letter()
    world = world_with(letter)
    if granted:
        await world.say("write", plan(do("a", "probe.letter", text="x")))
        given = await world.decide(always=True)
        letter.before.append(TransientError("451 later"))
        await world.say("write", plan(do("a", "probe.letter", text="y")))
        assert given.grant is not None
        await world.append(f"grant:{given.grant}", GrantRevoked(grant=given.grant, by="owner"))
    else:
        await send(world, letter, TransientError("451 later"))
        await world.append("autonomy", AutonomyPaused(by="owner", reason=""))
    await next_try(world)
    assert len(letter.effects) == granted
    assert "It was to be tried again now, but " in world.card.why
    await world.decide()
    assert len(letter.effects) == 1 + granted
    await world.still()


@pytest.mark.parametrize("hangs", [True, False])
async def test_what_fails_before_the_commit_point_waits(
    hangs: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Time that ran out and a log that took no mark had no effect: it is tried again."""
    letter = Hanging() if hangs else Letter()
    world = world_with(letter)
    await send(world, letter, *([] if hangs else [StorageError("The disk is full.")]))
    assert world.events(OperationUnknown) == []
    await next_try(world)
    assert len(letter.effects) == 1
    assert len(world.events(CardOpened)) == 1
    await world.still()


async def test_a_bug_before_the_commit_point_is_no_doubt() -> None:
    """What breaks inside before the effect ends the task with a sentence."""
    letter = Letter()
    world = world_with(letter)
    await send(world, letter, ValueError("a bug"))
    assert world.surface.texts == [
        "Failed (probe.letter): something broke inside Equerry (ValueError)"
    ]
    await world.still()


async def test_many_crashes_before_the_commit_point_never_become_a_doubt() -> None:
    """After twenty recoveries it is no longer begun at once, but tried again with pauses."""
    letter = Letter()
    world = world_with(letter)
    letter.before.extend([Crash()] * 21)
    await world.say("write", plan(do("a", "probe.letter", text="x")))
    with pytest.raises(Crash):
        await world.decide()
    for _ in range(19):
        world.restart()
        with pytest.raises(Crash):
            await world.drain(HERE)
    world.restart()
    await world.drain(HERE)
    assert [p.next for p in world.events(OperationUnknown)] == ["repeat"] * 19
    with pytest.raises(Crash):
        await next_try(world)
    world.restart()
    await world.drain(HERE)
    await next_try(world)
    assert len(letter.effects) == 1
    assert len(world.events(CardOpened)) == 1
    await world.still()


def full_after(world: World, letter: Letter) -> None:
    """Let the store take nothing more once the letter has gone, or was refused."""

    async def fills(_events: Sequence[NewEvent]) -> bool:
        if letter.effects:
            world.store.failure = StorageError("The disk is full.")
        return False

    world.store.meanwhile = fills


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(
    "error",
    [None, TransientError("451 later"), RefusedError("550 no")],
    ids=["gone", "later", "refused"],
)
async def test_an_end_that_could_not_be_recorded_is_recorded_later(
    tmp_path: Path,
    error: Exception | None,
    restarts: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A full disk after the answer: no second effect and no doubt, also in a new process."""
    letter = Letter()
    world = world_with(letter, tmp_path / "outcomes")
    if error is not None:
        letter.after.append(error)
    await world.say("write", plan(do("a", "probe.letter", text="x")))
    full_after(world, letter)
    with pytest.raises(StorageError):
        await world.decide()
    assert not world.events(OperationFinished)
    assert not world.events(OperationFailed)
    world.store.failure = world.store.meanwhile = None
    if restarts:
        world.restart()
    await world.drain(HERE)
    assert world.events(OperationUnknown) == []
    assert len(world.events(OperationFailed)) == (error is not None)
    assert len(letter.effects) == 1
    if isinstance(error, TransientError):
        await next_try(world)
        assert len(letter.effects) == 2
    assert len(world.events(CardOpened)) == 1
    assert list((tmp_path / "outcomes").iterdir()) == []
    await world.still()


@pytest.mark.parametrize("noticed", [False, True])
async def test_what_was_sent_is_not_sent_by_an_older_copy_of_the_log(
    tmp_path: Path,
    noticed: bool,  # noqa: FBT001 - a parameter
) -> None:
    """An outcome that waits is found before an effect begins, and before the owner is asked."""
    letter = Letter()
    world = world_with(letter, tmp_path)
    await world.say("write", plan(do("a", "probe.letter", text="x")))
    (item,) = (await card_view(world.kernel, world.card.card)).items
    result = ActionResult(output={"to": "home"}, said="Sent it.")
    spool = FileOutcomeSpool(tmp_path)
    await spool.write(Outcome(marker=item.marker, attempt=1, end="finished", result=result))
    if noticed:
        await enter_restored(world.store, LogRestored(why="behind", ended=1, anchored=9))
    await world.decide()
    assert letter.effects == []
    assert world.surface.texts == ["Sent it."]
    assert world.events(OperationStarted) == []
    assert len(world.events(CardOpened)) == 1
    await world.still()


async def test_without_room_for_its_end_an_effect_does_not_begin(tmp_path: Path) -> None:
    """Where nothing can be written down beside the log, it waits and nothing happens."""
    letter = Letter()
    folder = tmp_path / "outcomes"
    folder.write_text("no folder")
    world = world_with(letter, folder)
    await send(world, letter)
    assert letter.effects == []
    folder.unlink()
    await next_try(world)
    assert len(letter.effects) == 1
    await world.still()


async def test_what_may_have_happened_is_asked_at_once() -> None:
    """Silence after the commit point is the one thing that stays unknown."""
    letter = Letter()
    world = world_with(letter)
    letter.after.append(OutcomeUnknownError("the line was cut"))
    await send(world, letter)
    assert world.card.kind == "unknown"
    assert len(letter.effects) == 1
    await world.still()
