"""What the tests of the SQL store share."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import create_engine, text

from adapters.inmemory.clock import FakeClock
from adapters.sql import SqlStore
from adapters.system import SystemIds
from core.domain.canonical import canonical
from core.ports.ids import Ids
from core.ports.read_models import Projection
from tests.contracts.stores import BOARD

COLUMNS = {"payload": "payload", "actor": "actor", "hash": "event_hash"}
CHANGE = "UPDATE events SET COLUMN = :new WHERE position = :position"


@asynccontextmanager
async def opened(
    url: str,
    projections: Sequence[Projection] = (BOARD,),
    clock: FakeClock | None = None,
    ids: Ids | None = None,
) -> AsyncIterator[SqlStore]:
    """Open a store and close it after."""
    store = await SqlStore.open(url, projections, clock or FakeClock(), ids or SystemIds())
    try:
        yield store
    finally:
        await store.close()


def execute(url: str, statement: str, **values: Any) -> int:  # noqa: ANN401 - any column
    """Run a statement on a connection of its own; return how many rows it touched."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        touched = connection.execute(text(statement), values).rowcount
    engine.dispose()
    return touched


class SqlIntruder:
    """Changes the database on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def change(self, position: int, **fields: Any) -> None:  # noqa: ANN401 - any field
        """Overwrite fields of an event."""
        for field, value in fields.items():
            new = canonical(value) if isinstance(value, dict) else value
            statement = CHANGE.replace("COLUMN", COLUMNS.get(field, "stream_version"))
            assert execute(self._url, statement, new=new, position=position) == 1

    async def lose(self, position: int) -> None:
        """Delete an event."""
        execute(self._url, "DELETE FROM events WHERE position = :position", position=position)

    async def reword(self, ref: str, body: str | None) -> None:
        """Overwrite a text; None deletes its row."""
        if body is None:
            execute(self._url, "DELETE FROM contents WHERE content_ref = :ref", ref=ref)
        else:
            json.loads(body)
            statement = "UPDATE contents SET body = :body WHERE content_ref = :ref"
            execute(self._url, statement, ref=ref, body=body)

    async def smudge(self, projection: str, key: str) -> None:
        """Damage a row."""
        statement = "UPDATE read_rows SET doc = '{}' WHERE projection = :name AND row_key = :key"
        assert execute(self._url, statement, name=projection, key=key) == 1
