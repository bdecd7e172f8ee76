"""Files that people sent are kept as long as something needs them, and a year."""

from datetime import UTC, datetime, timedelta

from adapters.inmemory.model import Scripted
from core.domain.erasable import Erasable
from core.domain.events.memory import FactForgotten, FactLearned
from core.domain.events.messages import MessageQueued
from core.domain.inbound import Attachment
from core.domain.outbound import OutFile
from core.telemetry.retention import FILES_KEPT, UNNAMED_KEPT, expire_files
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

TWO_DAYS = timedelta(days=2)


class Files:
    """A world in which files came, and a clock that is the world's and the disk's."""

    def __init__(self) -> None:
        self.world = World()
        self.world.clock.set(datetime.now(UTC))

    async def came(self, name: str, *answers: Scripted) -> str:
        """Have a file come with a message; return the digest of its content."""
        world = self.world
        world.surface.files[name] = name.encode()
        world.model.then(*(answers or ("I see.",)))
        sent = Attachment(name=f"{name}.txt", media_type="text/plain", size=9, ref=name)
        await world.hear(f"look at {name}", attachments=(sent,))
        await world.drain(HERE)
        return str((await world.rows("attachments"))[-1].doc["digest"])

    async def later(self, span: timedelta) -> int:
        """Let time pass, and expire files; return the bytes that were let go."""
        self.world.clock.advance(span.total_seconds())
        return await expire_files(self.world.kernel)


async def test_a_file_is_kept_for_a_year() -> None:
    """Then it goes, and its text stays on the log."""
    files = Files()
    digest = await files.came("letter")
    assert await files.later(TWO_DAYS) == 0
    assert await files.later(FILES_KEPT - TWO_DAYS) == 0
    assert await files.world.blobs.get(digest) == b"letter"
    assert await files.later(timedelta(days=1)) == len("letter")
    assert await files.world.blobs.get(digest) is None
    (row,) = await files.world.rows("attachments")
    assert await files.world.store.values([row.doc["text"]["ref"]])
    assert await files.later(timedelta(days=1)) == 0


async def test_what_nothing_names_is_kept_for_a_day() -> None:
    """A crash between a file and its event leaves nothing behind for good."""
    files = Files()
    await files.world.blobs.put(b"orphan")
    assert await files.later(UNNAMED_KEPT - timedelta(minutes=1)) == 0
    assert await files.later(timedelta(hours=1)) == len(b"orphan")


async def test_what_an_open_goal_came_with_is_kept() -> None:
    """A card that waits for years keeps its file; once it is answered the file goes."""
    files = Files()
    digest = await files.came("offer", plan(do("a", "probe.high", text="x")))
    assert await files.later(2 * FILES_KEPT) == 0
    assert await files.world.blobs.get(digest) == b"offer"
    await files.world.decide("reject")
    assert await files.later(timedelta(days=1)) == len("offer")


async def test_what_a_fact_is_from_is_kept_until_it_is_forgotten() -> None:
    """A fact names the message that the file came with."""
    files = Files()
    digest = await files.came("contract")
    (row,) = await files.world.rows("attachments")
    text = Erasable.of("the contract ends in May")
    fact = FactLearned(fact="F1", text=text, by="G1", message=row.doc["message"])
    await files.world.append("fact:F1", fact)
    assert await files.later(2 * FILES_KEPT) == 0
    assert await files.world.blobs.get(digest) == b"contract"
    await files.world.append("fact:F1", FactForgotten(fact="F1"))
    assert await files.later(timedelta(days=1)) == len("contract")


async def test_a_picture_is_kept_until_its_message_went_out() -> None:
    """However long its chat is out of reach."""
    files = Files()
    world = files.world
    world.surfaces.clear()
    digest = await world.blobs.put(b"chart")
    chart = OutFile(name="c.png", media_type="image/png", digest=digest)
    queued = MessageQueued(
        message="X1", conversation=HERE, kind="reply", text=Erasable.of("spent"), files=(chart,)
    )
    await world.append(f"conversation:{HERE}", queued)
    assert await files.later(2 * FILES_KEPT) == 0
    world.surfaces["memory"] = world.surface
    await world.drain(HERE)
    assert world.surface.sent[-1].files[0].data == b"chart"
    assert await files.later(timedelta(days=1)) == len(b"chart")
