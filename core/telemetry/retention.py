"""What is kept for a while only: the text of prompts, for `/why`, and files that people sent."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.domain.base import JsonObject
from core.domain.events import NewEvent
from core.domain.events.models import PromptsExpired
from core.kernel import Kernel
from core.ports.read_models import RowQuery
from core.projections.goals import OPEN
from core.telemetry.holds import timers_held

KEPT = timedelta(days=30)
FILES_KEPT = timedelta(days=365)
"""How long a file that somebody sent is kept; the text that was read in it stays on the log."""
UNNAMED_KEPT = timedelta(days=1)
"""How long a file is kept that nothing names: whoever put it may be about to name it."""
BATCH = 500


async def expire_prompts(kernel: Kernel) -> int:
    """Erase the prompts and answers older than thirty days; return of how many calls.

    None while timers are held: the age of a text is as doubtful as the clock.
    """
    if await timers_held(kernel.rows):
        return 0
    erased, query = 0, RowQuery("prompts", due_by=kernel.clock.now() - KEPT, order="due")
    while rows := await kernel.rows.find(query, limit=BATCH):
        await kernel.log.erase([ref for row in rows for ref in row.doc["refs"]])
        payload = PromptsExpired(calls=tuple(row.key for row in rows))
        await kernel.log.append([NewEvent(stream="prompts", payload=payload, actor="clock")])
        erased += len(rows)
    return erased


async def expire_files(kernel: Kernel) -> int:
    """Drop the files that nothing needs any more; return how many bytes that were.

    None while timers are held, as with prompts.
    """
    if await timers_held(kernel.rows):
        return 0
    now = kernel.clock.now()
    old = [one for one in await kernel.blobs.kept() if now - one.put_at > UNNAMED_KEPT]
    if not old:
        return 0
    needed = await _files_needed(kernel, now)
    dropped = 0
    for one in old:
        if one.digest not in needed:
            await kernel.blobs.drop(one.digest)
            dropped += one.size
    return dropped


async def _files_needed(kernel: Kernel, now: datetime) -> frozenset[str]:
    """Return what is about to be sent, what came lately, and what an open goal or a fact is from.

    A card belongs to a goal that is open as long as it is.
    """
    rows = kernel.rows
    to_send = RowQuery("outbox", states=frozenset({"queued", "sending"}))
    digests = {
        file["digest"]
        for row in await rows.find(to_send, limit=None)
        for file in row.doc.get("files", ())
    }
    facts = [row.doc for row in await rows.find(_KNOWN, limit=None)]
    open_goals = await rows.find(RowQuery("goals", states=OPEN), limit=None)
    messages = {message for row in open_goals for message in row.doc["messages"]}
    messages |= {fact["message"] for fact in facts if fact.get("message")}
    names = _named_by(facts)
    for row in await rows.find(RowQuery("attachments"), limit=None):
        lately = now - datetime.fromisoformat(row.doc["at"]) <= FILES_KEPT
        if row.doc["digest"] and (lately or row.doc["message"] in messages or row.key in names):
            digests.add(row.doc["digest"])
    return frozenset(digests)


_KNOWN = RowQuery("facts", states=frozenset({"known"}))


def _named_by(facts: Iterable[JsonObject]) -> frozenset[str]:
    """Return what facts say they are from."""
    places = {str(fact["source"]) for fact in facts if fact.get("source")}
    return frozenset(places | {src["ref"] for fact in facts for src in fact.get("sources", ())})
