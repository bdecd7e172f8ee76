"""Exporting and importing all parts."""

import shutil
from pathlib import Path

from bot.app import App
from bot.portable.catalog import PARTS
from bot.portable.folder import begin, check_export, check_place, finish
from core.domain.errors import BadInputError, StorageError
from core.domain.events import stamp


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


async def import_from(app: App, folder: Path) -> list[str]:
    """Take over what the files of an export say; return a sentence for each thing that changed.

    Raises BadInputError with every mistake of every file; nothing is taken over then.
    """
    folder = check_export(folder)
    readers = [part.read for part in PARTS if part.read is not None]
    found = [await read(app, folder) for read in readers]
    problems = [problem for told, _ in found for problem in told]
    if problems:
        one = len(problems) == 1
        head = "a mistake" if one else f"{len(problems)} mistakes"
        lines = "\n  ".join(problems)
        message = f"Nothing was imported: {str(folder)!r} has {head}:\n  {lines}"
        raise BadInputError(message)
    return [line for _, apply in found for line in await apply()]
