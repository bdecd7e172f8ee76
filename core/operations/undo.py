"""Asking for an undo: a goal of its own with one task, whose card shows what will be undone."""

from dataclasses import replace

from core.domain.errors import RefusedError, UnknownThingError
from core.domain.own_words import Own
from core.domain.sources import Source
from core.kernel import Kernel
from core.operations.proposing import Proposal, propose
from core.ports.read_models import Row, RowQuery

PAGE = 100
"""Operations of a first look: what can be undone is mostly among them."""

SHORTEST = 6
"""Characters of a marker that name an operation where somebody types fewer than are shown."""

SHORT = 8
"""Characters of a marker that are shown."""


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
    return await _newest_undoable(kernel, most)


async def find_undoable(kernel: Kernel, name: str | None) -> Row:
    """Return the operation that `name` means, checked to be undoable."""
    rows = await _meant(kernel, name) if name is not None else await _newest_undoable(kernel, 1)
    for row in rows:
        if _can_be(row):
            return row
    if rows and name is not None:
        message = f"{rows[0].doc['action']} cannot be undone."
        raise RefusedError(message)
    message = "There is nothing that can be undone."
    raise UnknownThingError(message)


async def _newest_undoable(kernel: Kernel, most: int) -> list[Row]:
    """Look at more and more of the newest operations, until there are enough or no others."""
    query = RowQuery(
        "operations", states=frozenset({"finished"}), order="written", newest_first=True
    )
    page = PAGE
    while True:
        rows = await kernel.rows.find(query, limit=page)
        found = [row for row in rows if _can_be(row)][:most]
        if len(found) == most or len(rows) < page:
            return found
        page *= 10


def _can_be(row: Row) -> bool:
    return bool(row.doc["undoable"]) and row.doc["action"] != "operation.undo"


async def _meant(kernel: Kernel, name: str) -> list[Row]:
    """Return the operations that a name means, finished ones newest first.

    Raises UnknownThingError where there is none, RefusedError where it was undone.
    """
    query = RowQuery("operations", group=name, order="written", newest_first=True)
    found = list(await kernel.rows.find(query, limit=None))
    if not found and len(name) >= SHORTEST:
        query = replace(query, group=None, prefix=name.lower())
        found = list(await kernel.rows.find(query, limit=None))
    if not found:
        found = await _of_card(kernel, name)
    if not found:
        message: str = f"There is no operation, goal or card {name!r}; " + Own(
            "/goals lists the goals."
        )
        raise UnknownThingError(message)
    if finished := [row for row in found if row.state == "finished"]:
        return finished
    if found[0].state == "undone":
        message = f"{found[0].doc['action']} was already undone."
        raise RefusedError(message)
    return found


async def _of_card(kernel: Kernel, card: str) -> list[Row]:
    """Return the operations that a card allowed, newest first."""
    row = await kernel.rows.get("cards", card)
    goal = row.doc.get("goal") if row is not None else None
    if not goal:
        return []
    query = RowQuery("operations", group=goal, order="written", newest_first=True)
    return [one for one in await kernel.rows.find(query, limit=None) if one.doc["card"] == card]
