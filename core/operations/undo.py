"""Asking for an undo: a goal of its own with one task, whose card shows what will be undone."""

from core.domain.errors import RefusedError, UnknownThingError
from core.domain.sources import Source
from core.kernel import Kernel
from core.operations.proposing import Proposal, propose
from core.ports.read_models import Row, RowQuery

MOST = 200
SHORT = 8
"""Characters of a marker that people type, and that name one operation."""


async def ask_undo(
    kernel: Kernel, conversation: str, name: str | None, by: str, key: str | None = None
) -> str:
    """Open the goal that undoes an operation; return the goal's id, whose card will ask.

    `name` is an operation, a goal or a card; None is the newest that can be undone. Asking again
    under the same `key` opens nothing.
    Raises UnknownThingError or RefusedError with a sentence where nothing can be undone.
    """
    row = await find_undoable(kernel, name)
    values = await kernel.log.values([row.doc["said"]["ref"]])
    said = str(values.get(row.doc["said"]["ref"], row.doc["action"]))
    args = {"marker": row.key, "action": row.doc["action"], "said": said}
    proposal = Proposal(
        origin="undo",
        title=f"Undo {row.doc['action']} {row.key[:SHORT]}",
        action="operation.undo",
        args=args,
        mark=f"U{row.key[:6]}",
        sources=tuple(Source.model_validate(source) for source in row.doc["sources"]),
    )
    return await propose(kernel, conversation, proposal, by, key)


async def undoable(kernel: Kernel, most: int) -> list[Row]:
    """Return the newest operations that can be undone, newest first."""
    return [row for row in await _finished(kernel) if _can_be(row)][:most]


async def find_undoable(kernel: Kernel, name: str | None) -> Row:
    """Return the operation that `name` means, checked to be undoable."""
    rows = await _finished(kernel)
    if name is not None:
        rows = [row for row in rows if _means(row, name)] or await _elsewhere(kernel, name)
    for row in rows:
        if _can_be(row):
            return row
    if rows and name is not None:
        message = f"{rows[0].doc['action']} cannot be undone."
        raise RefusedError(message)
    message = "There is nothing that can be undone."
    raise UnknownThingError(message)


async def _finished(kernel: Kernel) -> list[Row]:
    query = RowQuery(
        "operations", states=frozenset({"finished"}), order="written", newest_first=True
    )
    return list(await kernel.rows.find(query, limit=MOST))


def _can_be(row: Row) -> bool:
    return bool(row.doc["undoable"]) and row.doc["action"] != "operation.undo"


def _means(row: Row, name: str) -> bool:
    shortest = 6
    by_marker = len(name) >= shortest and row.key.startswith(name.lower())
    return by_marker or name in {row.group, row.doc["card"]}


async def _elsewhere(kernel: Kernel, name: str) -> list[Row]:
    row = await kernel.rows.get("operations", name)
    if row is None:
        query = RowQuery("operations", group=name)
        found = list(await kernel.rows.find(query, limit=MOST))
        if not found:
            message = f"There is no operation, goal or card {name!r}; /goals lists the goals."
            raise UnknownThingError(message)
        rows = found
    else:
        rows = [row]
    if rows[0].state == "undone":
        message = f"{rows[0].doc['action']} was already undone."
        raise RefusedError(message)
    return rows
