"""Statements of the hot path: built with SQLAlchemy, compiled once, run on the driver's cursor.

Running a statement through SQLAlchemy's own execution costs ten times what SQLite needs for it, and
an append runs nine.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.sql.expression import ClauseElement


class _Compiled(NamedTuple):
    text: str
    defaults: Mapping[str, Any]
    order: Sequence[str] | None


class Prepared:
    """One statement, compiled for each kind of database when it is first run there.

    Raises what the driver raises, not wrapped.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **values: Any) -> list[Any]:  # noqa: ANN401 - any column
        """Run the statement and return what it selects."""
        compiled, cursor = self._begin(connection)
        cursor.execute(compiled.text, _ordered(compiled, {**compiled.defaults, **values}))
        found: list[Any] = cursor.fetchall()
        cursor.close()
        return found

    def write(self, connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement once for each of `values`."""
        compiled, cursor = self._begin(connection)
        cursor.executemany(compiled.text, [_ordered(compiled, each) for each in values])
        cursor.close()

    def _begin(self, connection: Connection) -> tuple[_Compiled, Any]:
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            made: Any = self._statement.compile(dialect=connection.dialect)
            compiled = _Compiled(made.string, made.params, made.positiontup)
            self._compiled[connection.dialect.name] = compiled
        return compiled, connection.connection.cursor()


def _ordered(compiled: _Compiled, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - by paramstyle
    if compiled.order is None:
        return values
    return [values[name] for name in compiled.order]
