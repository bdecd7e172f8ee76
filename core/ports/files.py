"""The owner's files, named by a path below one folder."""

import mimetypes
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, Protocol

from core.domain.files import Pin, digest_of


@dataclass(frozen=True, slots=True)
class OwnerFile:
    """A file as it was read, once and whole; `data` is None where there is no file.

    `name` is what was asked for, `place` the file that is meant (see Pin).
    """

    name: str
    place: str
    data: bytes | None

    @property
    def basename(self) -> str:
        """The last part of its real name."""
        return PurePosixPath(self.place).name

    @property
    def media_type(self) -> tuple[str, str]:
        """What its name says it holds (`image`, `png`), else `application`, `octet-stream`."""
        kind, encoding = mimetypes.guess_type(self.basename)
        maintype, _, subtype = (kind or "").partition("/")
        known = maintype in {"application", "audio", "font", "image", "text", "video"}
        return (maintype, subtype) if known and not encoding else ("application", "octet-stream")

    def pin(self, use: Literal["sent", "replaced"] = "sent") -> Pin:
        """Return the pin of exactly these bytes."""
        if self.data is None:
            return Pin(name=self.name, place=self.place, use=use)
        digest = digest_of(self.data)
        return Pin(name=self.name, place=self.place, use=use, digest=digest, size=len(self.data))


class OwnerFiles(Protocol):
    """One folder of the owner's files; a name that leads out of it, or to others', is refused."""

    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None where there is none. Raises BadInputError."""
        ...

    async def read(self, name: str, most: int) -> OwnerFile:
        """Return a file of at most `most` bytes, read once.

        Raises BadInputError for a name that cannot be used and for a larger file, StorageError.
        """
        ...
