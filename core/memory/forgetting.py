"""Forgetting: a fact counts no more, and its words are erased wherever they were written down.

The word that it is forgotten comes first and the log's own texts go last: as long as they are
there, a start knows that a crash cut forgetting off, and which words to look for. The
chain of hashes still verifies, because events hold only salted hashes of texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.agents.call_events import unpacked
from core.domain.erasable import Erasable, refs_of
from core.domain.errors import FactIndexError, UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.memory import FactForgotten
from core.domain.flat import flat
from core.kernel import Kernel
from core.memory.index.indexer import Indexer
from core.memory.knowledge import Knowledge
from core.memory.turns import LINE
from core.ports.read_models import Row, RowQuery
from core.ports.traces import Traces

SHORTEST = 4
"""Texts below this many characters are not looked for elsewhere: they would hit ordinary words."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased: how many texts, of which messages; `left` are the owner's own files.

    `later` says for each index why the words are still in it: they go as soon as it can be used.
    """

    fact: str
    texts: int
    messages: tuple[str, ...]
    left: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


async def forget(kernel: Kernel, traces: Traces, fact: str) -> Forgotten:
    """Forget a fact and erase its words. Raises UnknownThingError."""
    row = await kernel.rows.get("facts", fact)
    if row is None:
        message = f"There is no fact {fact!r}; /memory QUERY finds facts, with their ids."
        raise UnknownThingError(message)
    own = list(refs_of(row.doc))
    needles = await _needles(kernel, row)
    if row.state == "forgotten" and not await kernel.log.values(own):
        message = f"Fact {fact} is forgotten already."
        raise UnknownThingError(message)
    found = {*own, *await _mentioning(kernel, needles), *await _said_in(kernel, row)}
    refs = sorted(found | await _below(kernel, found))
    said = await _messages(kernel, frozenset(refs))
    names = tuple(sorted(message for message, _ in said))
    payload = FactForgotten(fact=fact, erased=True, messages=names)
    event = NewEvent(stream=f"fact:{fact}", payload=payload, actor="owner", key=f"forget:{fact}")
    await kernel.log.append([event])
    later = await _out_of_indexes(kernel.recall.knowledge)
    left = await traces.erase(needles) if needles else []
    await _drop_files(kernel, frozenset(refs))
    erased = await kernel.log.erase(refs)
    for conversation in sorted({conversation for _, conversation in said if conversation}):
        await kernel.recall.windows.forget(conversation)
    return Forgotten(fact, erased, names, tuple(left), later)


async def _out_of_indexes(knowledge: Knowledge) -> tuple[str, ...]:
    """Take what is forgotten out of the indexes; return why that has to wait, for each that fails.

    An index that is behind the log takes it out before anything else is done with it, or is made
    again without it: for that it needs none of the words, so that these can go from the log.
    """
    later = []
    for indexer in knowledge.scopes.values():
        indexer.stale()
        try:
            await _caught_up(indexer)
        except FactIndexError as error:
            knowledge.note_away(indexer.scope, error)
            later.append(str(error))
    return tuple(later)


async def _caught_up(indexer: Indexer) -> None:
    """Bring an index up to date; one that was damaged is filled from the log at once."""
    try:
        await indexer.catch_up()
    except FactIndexError as error:
        if not error.renewed:
            raise
        await indexer.catch_up()


async def finish_forgetting(kernel: Kernel, traces: Traces) -> int:
    """Erase what a crash kept: facts that are forgotten on the log and still have their words."""
    query = RowQuery("facts", states=frozenset({"forgotten"}), order="written", newest_first=True)
    rows = [row for row in await kernel.rows.find(query, limit=None) if row.doc.get("erased")]
    left = await kernel.log.values([ref for row in rows for ref in refs_of(row.doc)])
    cut_off = [row.key for row in rows if not left.keys().isdisjoint(refs_of(row.doc))]
    for fact in cut_off:
        await forget(kernel, traces, fact)
    return len(cut_off)


async def _needles(kernel: Kernel, row: Row) -> tuple[str, ...]:
    """Return the fact's words as they may stand elsewhere: whole, and cut as prompts cut them."""
    value = (await kernel.log.values([row.doc["text"]["ref"]])).get(row.doc["text"]["ref"])
    words = flat(str(value or "")).strip(" .!;")
    if len(words) < SHORTEST:
        return ()
    shielded = flat(await kernel.calls.shield.text(str(value or ""))).strip(" .!;")  # in prompts
    needles = dict.fromkeys((words, *([words[: LINE - 2]] if len(words) >= LINE else []), shielded))
    return tuple(needles)


async def _mentioning(kernel: Kernel, needles: Sequence[str]) -> list[str]:
    if not needles:
        return []
    return await kernel.log.search_values(mentions(needles))


def mentions(needles: Sequence[str]) -> Callable[[Any], bool]:
    """Return what tells whether a stored value holds any of the words, packed ones too."""

    def holds(value: Any) -> bool:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            words = flat(value)
            return any(needle in words for needle in needles)
        if isinstance(value, dict):
            if value.keys() == {"zlib"}:
                return holds(unpacked(Erasable(ref="", sha256="", value=value)) or "")
            return any(holds(key) or holds(item) for key, item in value.items())
        return isinstance(value, list) and any(holds(item) for item in value)

    return holds


async def _said_in(kernel: Kernel, row: Row) -> list[str]:
    """Return the text of the message that the fact was learned from."""
    message = row.doc.get("message")
    found = await kernel.rows.get("messages", message) if message else None
    return [found.doc["text"]["ref"]] if found is not None else []


async def _below(kernel: Kernel, refs: set[str]) -> set[str]:
    """Return the labels below the messages that are erased: they may hold a part of the words."""
    rows = await kernel.rows.find(RowQuery("outbox"), limit=None)
    with_choices = (row.doc for row in rows if row.doc.get("choices"))
    return {doc["choices"]["ref"] for doc in with_choices if doc["text"]["ref"] in refs}


async def _drop_files(kernel: Kernel, refs: frozenset[str]) -> None:
    """Let go of the files whose text is among the erased: they hold the words too."""
    for row in await kernel.rows.find(RowQuery("attachments"), limit=None):
        if row.doc["digest"] and not refs.isdisjoint(refs_of(row.doc)):
            await kernel.blobs.drop(row.doc["digest"])


async def _messages(kernel: Kernel, refs: frozenset[str]) -> list[tuple[str, str | None]]:
    """Return the messages, with their conversations, whose text is among the erased."""
    rows = await kernel.rows.find(RowQuery("window"), limit=None)
    return [
        (row.doc["message"], row.group)
        for row in rows
        if "text" in row.doc and row.doc["text"]["ref"] in refs
    ]
