"""What was learned, listed, replaced and forgotten, in words and as data."""

from typing import Any

from bot.app import App
from core.domain.erasable import ERASED
from core.domain.errors import UnknownThingError
from core.memory.facts import fact_called, known_facts
from core.memory.forgetting import Forgotten
from core.memory.learning.remember import Learning
from core.memory.provenance import fact_sources
from core.ports.read_models import Row, RowQuery


async def newest(app: App, most: int) -> list[dict[str, Any]]:
    """Return the newest facts."""
    facts = await known_facts(app.kernel.log, app.kernel.rows, most)
    return [
        {"id": f.id, "text": f.text, "learned": f.learned, "outside": bool(f.sources)}
        for f in facts
    ]


def learnt(done: Learning) -> dict[str, Any]:
    """Return what became of a fact as data."""
    return {"id": done.fact, "text": done.text, "known": done.known, "replaced": done.replaced}


def remembered(done: Learning) -> str:
    """Tell what became of a fact."""
    if done.known:
        return f"{done.fact} says so already: {done.text}"
    replaced = f" It replaces {', '.join(done.replaced)}." if done.replaced else ""
    return f"Remembered as {done.fact}: {done.text}{replaced}"


async def history(app: App, fact: str) -> list[dict[str, Any]]:
    """Return the facts that a fact replaced, itself, and what replaced it, oldest first.

    Raises UnknownThingError.
    """
    rows = app.kernel.rows
    row = await fact_called(rows, fact)
    if row is None:
        message = f"There is no fact {fact!r}; /memory QUERY finds facts, with their ids."
        raise UnknownThingError(message)
    passed = {row.key}  # an import may say that two facts replaced each other
    while (by := row.doc.get("by_fact")) and by not in passed:
        passed.add(by)
        later = await rows.get("facts", by)
        row = later or row
    superseded = await rows.find(RowQuery("facts", states=frozenset({"superseded"})), limit=None)
    chain: list[Row] = [row]
    reached = {row.key}
    while before := [r for r in superseded if r.doc["by_fact"] in reached and r.key not in reached]:
        chain += before
        reached |= {one.key for one in before}
    chain.sort(key=lambda one: int(one.doc["position"]))
    values = await app.kernel.log.values([one.doc["text"]["ref"] for one in chain])
    begun = {one.key: one.doc["valid_from"] for one in chain}
    return [_version(one, values, begun) for one in chain]


def _version(row: Row, values: dict[str, Any], begun: dict[str, Any]) -> dict[str, Any]:
    """Return a fact; one that was replaced held until the next `begun`."""
    doc = row.doc
    until = doc.get("valid_until") or begun.get(str(doc.get("by_fact")))
    return {
        "id": row.key,
        "state": row.state,
        "text": values.get(doc["text"]["ref"], ERASED),
        "kind": doc["kind"],
        "confidence": doc["confidence"],
        "learned": doc["learned"],
        "said_at": doc["said_at"],
        "valid_from": doc["valid_from"],
        "valid_until": until,
        "by": doc["by"],
        "message": doc["message"],
        "speaker": doc["speaker"],
        "source": doc["source"],
        "part": doc["part"],
        "label": doc.get("label"),
        "outside": bool(fact_sources(doc)),
        "replaced_by": doc.get("by_fact"),
    }


def history_text(data: list[dict[str, Any]]) -> str:
    """Tell a history, a line for each with where it comes from."""
    return "\n".join(
        f"{one['id']}  {one['state']}  {one['text']}  ({', '.join(_origin(one))})" for one in data
    )


def _origin(one: dict[str, Any]) -> list[str]:
    """Return when a fact was said, in what, by whom, what kind it is, and until when it held."""
    said = str(one["said_at"] or one["learned"])[:10]
    place = f"{one['source']}, part {one['part']}" if one["source"] else one["message"]
    until = f"until {str(one['valid_until'])[:10]}" if one["valid_until"] else None
    outside = "from outside" if one["outside"] else None
    found = [said, one["by"], place, one["speaker"], one["kind"], until, outside]
    return [str(part) for part in found if part]


def forgotten(done: Forgotten) -> dict[str, Any]:
    """Tell what was forgotten."""
    said = f"{done.fact} is forgotten: its words are erased in {done.texts} places."
    if done.left:
        files = ", ".join(done.left)
        said += f" Your own files hold them too, and were left as they are: {files}."
    if done.later:
        said += (
            f" The search index still holds them: they go from there as soon as it can be used. "
            f"{' '.join(done.later)}"
        )
    return {
        "fact": done.fact,
        "texts": done.texts,
        "messages": list(done.messages),
        "left": list(done.left),
        "later": list(done.later),
        "said": said,
    }
