"""What a transaction knows about what is stored, and what it may still know from the last one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from adapters.sql.prepared import Prepared
from adapters.sql.queries import ROW, VERSION
from adapters.sql.records import event_of, row_of
from adapters.sql.schema import EVENTS, STORE_META
from core.domain.events import GENESIS, Event
from core.log.admission import Batch
from core.log.folding import Place, StoredRow
from core.log.sealing import Head

EPOCH = "rows_epoch"
_FEW_KEYS = 16
"""So many are looked up one by one where that takes no way to a server."""
_KEEP_ROWS = 4096
_KEEP_STREAMS = 32768

_HEAD = Prepared(
    select(
        EVENTS.c.position,
        EVENTS.c.event_hash,
        EVENTS.c.at_utc,
        select(STORE_META.c.body).where(STORE_META.c.meta_name == EPOCH).scalar_subquery(),
    )
    .order_by(EVENTS.c.position.desc())
    .limit(1)
)
_KEYED_ONE = Prepared(select(EVENTS).where(EVENTS.c.dedupe_key == bindparam("name")))
_KEYED = select(EVENTS).where(EVENTS.c.dedupe_key.in_(bindparam("names", expanding=True)))


class Cache:
    """Versions and rows as the last transaction left them: true while nobody else has written.

    Another writer shows in the head of the log; somebody else's rebuild in the epoch of the rows.
    """

    def __init__(self) -> None:
        self._mark: tuple[int, str, str | None] | None = None
        self.versions: dict[str, int] = {}
        self.rows: dict[Place, StoredRow | None] = {}

    def agree(self, position: int, digest: str, epoch: str | None) -> None:
        """Forget everything unless the log still ends where it did."""
        if self._mark != (position, digest, epoch):
            self.forget()
            self._mark = (position, digest, epoch)

    def forget(self) -> None:
        """Forget everything: what was known may not have been committed."""
        self._mark = None
        self.versions.clear()
        self.rows.clear()

    def take(self, batch: Batch) -> None:
        """Learn what a batch has committed."""
        if len(self.rows) > _KEEP_ROWS:
            self.rows.clear()
        if len(self.versions) > _KEEP_STREAMS:
            self.versions.clear()
        self.rows.update(batch.rows.changed)
        self.versions.update(batch.versions)
        epoch = self._mark[2] if self._mark else None
        self._mark = (batch.head.position, batch.head.hash, epoch)


class Stored:
    """The admission's view of the database inside one transaction, through a cache."""

    def __init__(self, connection: Connection, cache: Cache, keys: Sequence[str]) -> None:
        self._connection, self._cache = connection, cache
        self.head = self._find_head()
        self._keyed = self._find_keyed(keys)

    def _find_head(self) -> Head:
        found = _HEAD.rows(self._connection)
        if not found:
            self._cache.agree(0, GENESIS, None)
            return Head()
        position, digest, at, epoch = found[0]
        self._cache.agree(position, digest, epoch)
        return Head(position, digest, datetime.fromisoformat(at))

    def _find_keyed(self, keys: Sequence[str]) -> dict[str, Event]:
        if not keys:
            return {}
        found: Iterable[Sequence[Any]]
        near = self._connection.dialect.name == "sqlite" and len(keys) <= _FEW_KEYS
        if near or len(keys) == 1:
            found = [row for k in keys for row in _KEYED_ONE.rows(self._connection, name=k)]
        else:
            found = self._connection.execute(_KEYED, {"names": keys})
        return {event.key: event for event in map(event_of, found) if event.key is not None}

    def keyed(self, keys: Sequence[str]) -> Sequence[Event]:
        """Return the stored events with these keys, of those that were named at the start."""
        return [self._keyed[key] for key in keys if key in self._keyed]

    def version_of(self, stream: str) -> int:
        """Return the version of a stream, 0 for none."""
        known = self._cache.versions.get(stream)
        if known is None:
            known = int(VERSION.rows(self._connection, name=stream)[0][0] or 0)
            self._cache.versions[stream] = known
        return known

    def row(self, projection: str, key: str) -> StoredRow | None:
        """Return a stored row."""
        place = projection, key
        if place not in self._cache.rows:
            found = ROW.rows(self._connection, name=projection, key=key)
            self._cache.rows[place] = row_of(found[0]) if found else None
        return self._cache.rows[place]
