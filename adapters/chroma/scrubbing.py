"""What Chroma writes into the files of a new index: whatever its memory held before. It is wiped.

Chroma 1.5 (hnswlib) makes a new index with room for a hundred vectors and writes that room as it
is, before there is a vector: memory of this process that was used before, a password perhaps, or a
text that was forgotten since. So it is zeroed as soon as the index was made, and before the folder
is opened, in case the process before was killed in between. Later it writes vectors only.
"""

import logging
import os
import struct
from pathlib import Path

_HEADER = struct.Struct("<iQQQQ")
"""Version, offset, room for entries, entries, bytes an entry; what follows is not needed."""
_VERSION = 1

logger = logging.getLogger(__name__)


class Scrubber:
    """Wipes the empty room of new indexes in one folder; called where nothing writes."""

    def __init__(self, folder: Path) -> None:
        """Look after the indexes of an embedded Chroma in `folder`."""
        self._folder = folder
        self._clean: set[Path] = set()

    def __call__(self) -> None:
        """Wipe what was not looked at yet."""
        for header in self._folder.glob("*/header.bin"):
            if header.parent not in self._clean:
                try:
                    self._look(header.parent)
                except (OSError, struct.error) as error:
                    logger.warning("the index %s was not wiped: %s", header.parent.name, error)

    def _look(self, index: Path) -> None:
        vectors = index / "data_level0.bin"
        head = (index / "header.bin").read_bytes()
        version, _, room, entries, size = _HEADER.unpack_from(head)
        if version != _VERSION:
            logger.warning("the index %s is of a form that is not known", index.name)
        elif not entries and vectors.stat().st_size == room * size:
            _wipe(vectors)
            _wipe(index / "length.bin")
        elif not entries:
            return  # its first vectors are just being written
        self._clean.add(index)


def _wipe(file: Path) -> None:
    """Zero a file, durable on return."""
    size = file.stat().st_size
    with file.open("r+b") as out:
        out.write(bytes(size))
        out.flush()
        os.fsync(out.fileno())
