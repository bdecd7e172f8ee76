"""Outside text in the owner's files: what was written there keeps its sources when it leaves."""

from posixpath import normpath

from core.domain.sources import Source, Taint, merged
from core.kernel import Kernel
from core.ports.read_models import RowQuery

WRITES = "file."
MOST = 1000


async def attached_taint(kernel: Kernel, names: tuple[str, ...]) -> Taint:
    """Return the outside sources of the owner's files `names`, by what wrote each of them last."""
    wanted = {normpath(name) for name in names}
    if not wanted:
        return ()
    query = RowQuery(
        "operations", states=frozenset({"finished"}), order="written", newest_first=True
    )
    found = await kernel.rows.find(query, limit=MOST)
    rows = [row for row in found if row.doc["action"].startswith(WRITES)]
    values = await kernel.log.values([row.doc["output"]["ref"] for row in rows])
    taints: dict[str, Taint] = {}
    for row in rows:
        file = normpath(str((values.get(row.doc["output"]["ref"]) or {}).get("file", "")))
        if file in wanted and file not in taints:
            taints[file] = tuple(Source.model_validate(source) for source in row.doc["sources"])
    return merged(*taints.values())
