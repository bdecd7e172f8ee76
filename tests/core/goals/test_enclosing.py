"""Files of messages: handed to the surface with their bytes, or named where they are lost."""

import asyncio
from pathlib import Path

from adapters.files.blobs import FileBlobs
from core.domain.erasable import Erasable
from core.domain.errors import OutcomeUnknownError, TransientError
from core.domain.events import NewEvent
from core.domain.events.messages import MessageQueued, MessageSent
from core.domain.outbound import OutFile
from core.goals.enclosing import enclosed
from tests.core.support.world import HERE, World

GONE = "(The file 'spend.png' that belongs here is no longer there.)"


async def queue(world: World, text: str, *files: OutFile) -> None:
    """Queue a message with files."""
    payload = MessageQueued(
        message=f"N{text}",
        conversation=HERE,
        kind="notice",
        text=Erasable.of(text),
        files=files,
    )
    stream = f"conversation:{HERE}"
    await world.kernel.log.append([NewEvent(stream=stream, payload=payload)])


async def kept(world: World, data: bytes) -> OutFile:
    """Keep a picture and return it as a file of a message."""
    digest = await world.blobs.put(data)
    return OutFile(name="spend.png", media_type="image/png", digest=digest, alt="Spend per day")


async def test_a_file_is_handed_over_with_its_bytes() -> None:
    """In the order they were queued in, once."""
    world = World()
    files = [await kept(world, b"one"), await kept(world, b"two")]
    await queue(world, "look", *files)
    await world.drain(HERE)
    (sent,) = world.surface.sent
    assert [file.data for file in sent.files] == [b"one", b"two"]
    assert sent.files[0].alt == "Spend per day"
    assert sent.text == "look"
    await world.still()


async def test_a_crash_before_the_send_loses_no_file() -> None:
    """The process that comes after it has the bytes; an attempt that may have arrived says so."""
    world = World()
    world.surface.failures += [TransientError("Down."), OutcomeUnknownError("Cut.")]
    await queue(world, "look", await kept(world, b"one"))
    for _ in range(3):
        world.restart()
        await asyncio.gather(world.drain(HERE), return_exceptions=True)
    (sent,) = world.surface.sent
    assert (sent.files[0].data, sent.repeat) == (b"one", True)
    await world.still()


async def test_a_file_that_is_lost_is_said_in_a_line() -> None:
    """The message goes out without it, and so does what comes after; nothing is tried again."""
    world = World()
    lost, there = await kept(world, b"lost"), await kept(world, b"there")
    await world.blobs.drop(lost.digest)
    await queue(world, "look", lost, there)
    await queue(world, "", lost)
    await world.drain(HERE)
    assert world.surface.texts == [f"look\n\n{GONE}", GONE]
    assert [len(sent.files) for sent in world.surface.sent] == [1, 0]
    assert len(world.events(MessageSent)) == 2
    await world.still()


async def test_a_digest_that_is_none_is_a_lost_file(tmp_path: Path) -> None:
    """Whatever stands in an old event, the message goes out."""
    file = {"name": "spend.png", "media_type": "image/png", "digest": "../x", "alt": ""}
    assert await enclosed(FileBlobs(tmp_path), {"files": [file]}) == ((), [GONE])
    assert await enclosed(FileBlobs(tmp_path), {}) == ((), [])
