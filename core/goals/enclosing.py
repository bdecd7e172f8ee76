"""The files of a message, taken from where contents are kept when the message goes out."""

from typing import Any

from core.domain.errors import BadInputError
from core.domain.outbound import OutFile
from core.ports.blobs import Blobs
from core.ports.chat_surface import Enclosure


async def enclosed(blobs: Blobs, doc: dict[str, Any]) -> tuple[tuple[Enclosure, ...], list[str]]:
    """Return the files of a row of the outbox with their bytes, and a line for each that is lost.

    A message must not wait for a content that will never be there again.
    """
    found: list[Enclosure] = []
    lost: list[str] = []
    for file in map(OutFile.model_validate, doc.get("files", ())):
        data = await _content(blobs, file.digest)
        if data is None:
            lost.append(f"(The file {file.name!r} that belongs here is no longer there.)")
        else:
            place = blobs.place(file.digest)
            found.append(Enclosure(**file.model_dump(), data=data, place=place))
    return tuple(found), lost


async def _content(blobs: Blobs, digest: str) -> bytes | None:
    try:
        return await blobs.get(digest)
    except BadInputError:  # nothing can be kept under such a name
        return None
