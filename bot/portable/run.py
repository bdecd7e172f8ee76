"""Exporting and importing all parts."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.app import App
from bot.memory.vouching import ask_to_vouch
from bot.portable.catalog import PARTS
from bot.portable.folder import begin, check_export, check_place, finish
from bot.terminal import CONVERSATION
from core.domain.errors import BadInputError, StorageError, UnknownThingError
from core.domain.events import stamp
from core.domain.sources import Source
from core.memory.provenance import IMPORT, file_source

SHOWN = 20
"""Mistakes that are told one by one: a file may have a million."""


async def export_to(app: App, target: Path) -> list[str]:
    """Write every part into the folder `target`, whole or not at all; return the files' names.

    Raises BadInputError for a folder that holds something else, StorageError where it cannot be.
    """
    target = check_place(target)
    position, head = await app.kernel.log.head()
    mark = {"exported": stamp(app.kernel.clock.now()), "position": position, "head": head}
    made = begin(target)
    try:
        files = [name for part in PARTS for name in await part.export(app, made)]
        finish(made, target, mark, files)
    except OSError as error:
        message = f"{str(target)!r} cannot be written: {error.strerror or error}."
        raise StorageError(message) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return files


async def import_from(app: App, folder: Path, conversation: str = CONVERSATION) -> list[str]:
    """Take over what the files of an export say; return a sentence for each thing that changed.

    Nothing in the files says whose they are: what they hold is outside text, and a profile is not
    in use, until the owner has accepted the card that this opens in the conversation.
    Raises BadInputError with the mistakes of all files, the first ones word for word; nothing is
    taken over then.
    """
    folder = check_export(folder)
    readers = [part.read for part in PARTS if part.read is not None]
    found = [await read(app, folder) for read in readers]
    problems = [problem for mistakes, _ in found for problem in mistakes]
    if problems:
        one = len(problems) == 1
        head = "a mistake" if one else f"{len(problems)} mistakes"
        left = len(problems) - SHOWN
        lines = "\n  ".join([*problems[:SHOWN], *([f"… and {left} more."] if left > 0 else [])])
        message = f"Nothing was imported: {str(folder)!r} has {head}:\n  {lines}"
        raise BadInputError(message)
    source = export_source(folder)
    brought = [await apply(source) for _, apply in found]
    told = [line for one in brought for line in one.lines]
    profile = {name: value for one in brought for name, value in one.profile.items()}
    if told or profile:
        told += await _asked(app, conversation, source, profile)
    return told


def export_source(folder: Path) -> Source:
    """Return the source of all that an export holds. Raises BadInputError for another folder."""
    folder = check_export(folder)
    return file_source(f"{IMPORT}:{_digest(folder)}", f"the export {folder.name}")


async def _asked(
    app: App, conversation: str, source: Source, profile: Mapping[str, Any]
) -> list[str]:
    """Ask for what can be vouched for; nothing where all of it stays outside text anyway."""
    try:
        return [await ask_to_vouch(app, conversation, source, profile)]
    except UnknownThingError:
        return []


def _digest(folder: Path) -> str:
    """Return what an export of the same content shares, whatever its folder is called."""
    told = hashlib.sha256()
    for name in sorted(path.name for path in folder.iterdir() if path.is_file()):
        told.update(name.encode("utf-8", "surrogateescape"))
        told.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return told.hexdigest()[:16]
