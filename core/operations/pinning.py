"""Files that an operation names by path, pinned: which bytes, and whose words are in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.files import Pin
from core.domain.sources import Source, Taint, merged
from core.goals.state import TaskState
from core.kernel import Kernel
from core.ports.action import Action, ActionArgs
from core.ports.read_models import Row, RowQuery
from core.projections.files import UNNAMED, bytes_row, near_group, place_row


async def pinned(kernel: Kernel, action: Action[Any], args: ActionArgs) -> tuple[Pin, ...]:
    """Return the files that the arguments name as they are now, with the sources of each.

    Raises RefusedError for a file that cannot be used.
    """
    return await described(kernel, await action.pins(args))


async def described(kernel: Kernel, pins: Sequence[Pin]) -> tuple[Pin, ...]:
    """Return pins as they may be shown and kept: without secrets, with the sources of each."""
    redact = kernel.redactor.text
    found = []
    for pin in pins:
        named = pin.model_copy(update={"name": redact(pin.name), "place": redact(pin.place)})
        sources, edited = await _written(kernel, named)
        found.append(named.model_copy(update={"sources": sources, "edited": edited}))
    return tuple(found)


async def edited_pins(
    kernel: Kernel, action: str, args: Mapping[str, Any], shown: Sequence[Pin]
) -> tuple[Pin, ...]:
    """Return the files that edited arguments name: as they were `shown` last, else as they are."""
    known = {(pin.use, pin.name): pin for pin in shown}
    found = await pinned(kernel, kernel.actions.get(action), kernel.actions.validate(action, args))
    return tuple(known.get((pin.use, pin.name), pin) for pin in found)


def binding(task: TaskState, pins: Sequence[Pin]) -> tuple[Pin, ...]:
    """Return the files whose bytes must be those that were approved.

    What is sent in every case; what is replaced where a card showed it to the owner.
    """
    shown = task.cleared_by == "owner"
    return tuple(pin for pin in pins if pin.use == "sent" or shown)


def sent_taint(pins: Sequence[Pin]) -> Taint:
    """Return the outside sources of the files whose bytes are sent."""
    return merged(*(pin.sources for pin in pins if pin.use == "sent"))


async def file_taint(kernel: Kernel, place: str, digest: str | None) -> Taint:
    """Return the outside sources of a file, by where it lies and by its bytes."""
    sources, _ = await _written(kernel, Pin(name=place, place=place, digest=digest))
    return sources


async def _written(kernel: Kernel, pin: Pin) -> tuple[Taint, bool]:
    """Return who wrote a file, and whether it was changed by others since.

    A file that held outside text and was changed by hand may still hold it.
    """
    rows = kernel.rows
    content = await rows.get("files", bytes_row(pin.digest)) if pin.digest else None
    near = await rows.find(RowQuery("files", group=near_group(pin.place)), limit=None)
    here = await rows.get("files", place_row(pin.place))
    taints = [_sources(row) for row in (*near, content) if row is not None]
    if here is None or not here.doc["whole"]:
        taints.append(await _before_names(kernel, pin.place))
    edited = here is not None and pin.digest is not None and here.doc["digest"] != pin.digest
    return merged(*taints), edited


async def _before_names(kernel: Kernel, place: str) -> Taint:
    """Return the sources of a file by changes on the log that do not name it in clear."""
    rows = await kernel.rows.find(RowQuery("files", group=UNNAMED), limit=None)
    values = await kernel.log.values([row.doc["output"]["ref"] for row in rows])
    taints: list[Taint] = []
    for row in sorted(rows, key=lambda row: int(row.doc["position"])):
        output = values.get(row.doc["output"]["ref"])
        path = str((output or {}).get("path", ""))
        if path != place and not path.endswith(f"/{place}"):
            continue
        if row.doc["action"] == "file.write":
            taints = []
        taints.append(_sources(row))
    return merged(*taints)


def _sources(row: Row) -> Taint:
    return tuple(Source.model_validate(source) for source in row.doc["sources"])
