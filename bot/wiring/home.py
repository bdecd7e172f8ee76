"""One data_dir per database: notes, files and indexes of another one would not fit its log."""

from pathlib import Path

from adapters.sql.store import SqlStore
from bot.data_dir import ID, read_id, write_id
from core.domain.errors import RefusedError


async def check_home(store: SqlStore, data_dir: Path, *, settle: bool) -> None:
    """Raise RefusedError where a database elsewhere belongs to another data_dir.

    With `settle` one that belongs to none belongs to this one from now on.
    """
    here = read_id(data_dir)
    ident, place = await store.belongs_to()
    if settle and ident in {"", here}:
        here = here or write_id(data_dir)
        ident, place = await store.belongs_to(here, str(data_dir))
    if ident and ident != here:
        if place == str(data_dir):
            message = (
                f"The database belongs to what was in the data_dir {place!r} before: that folder "
                f"was made anew since, or is another one mounted there. Put the old one back, from "
                f"a backup say. If it is gone for good, write {ident} into {str(data_dir / ID)!r}."
            )
            raise RefusedError(message)
        message = (
            f"The database belongs to the data_dir {place!r}, not to {str(data_dir)!r}: start "
            f"Equerry on that one, or give this one a database of its own. If that folder is gone "
            f"for good, write {ident} into {str(data_dir / ID)!r}."
        )
        raise RefusedError(message)
