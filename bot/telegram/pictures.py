"""Pictures of commands: drawn and kept before the message that shows them is queued."""

from collections.abc import Sequence

from bot.app import App
from bot.commands.answer import Block
from core.domain.errors import RefusedError, StorageError
from core.domain.outbound import OutFile
from core.domain.own_words import joined, sentence

PNG = "image/png"


async def drawn(app: App, blocks: Sequence[Block]) -> tuple[str, list[OutFile]]:
    """Return the text of some blocks, and their pictures as files whose contents are durable.

    A picture that cannot be drawn is a sentence. Raises StorageError where one cannot be kept.
    """
    texts: list[str] = []
    files: list[OutFile] = []
    for block in blocks:
        if isinstance(block, str):
            texts.append(block)
            continue
        try:
            picture = await block.draw()
        except StorageError:
            raise
        except RefusedError as error:
            texts.append(sentence(error))
            continue
        digest = await app.kernel.blobs.put(picture.data)
        alt = app.kernel.redactor.text(picture.alt)
        files.append(OutFile(name=picture.name, media_type=PNG, digest=digest, alt=alt))
    return joined(texts, "\n\n"), files
