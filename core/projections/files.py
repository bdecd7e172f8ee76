"""Outside text in the owner's files, by where it lies and by its bytes, however long ago.

A row `place:HASH` says who wrote what a file holds now; group: its name without regard to case or
form, so that a file system which has none finds it too. A row `bytes:DIGEST` says it of a content,
which may have been copied. A row `op:MARKER` keeps what was there before a change, for its undo.
A row `named:ID` keeps the name of a file that comes with a message until it is read.

Changes on logs of earlier versions name no file: rows `unnamed:MARKER` (group: unnamed) point to
the output that does.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

from core.domain.canonical import sha256
from core.domain.events import Event
from core.domain.sources import Source
from core.ports.read_models import Drop, Get, Row
from core.projections.attachments import attachment_id
from core.projections.fold import TableProjection

UNNAMED = "unnamed"
_EARLIER = frozenset({"file.write", "note.append"})
"""The actions that changed files before their results said which."""

_TITLE = 80
"""Characters of a file's name in its source, as everywhere else."""

Sources = list[dict[str, Any]]


def place_row(place: str) -> str:
    """Return the key of the row of a file."""
    return f"place:{sha256(place)}"


def near_group(place: str) -> str:
    """Return the group of the files that some file system takes for one."""
    return f"near:{sha256(unicodedata.normalize('NFC', place).casefold())}"


def bytes_row(digest: str) -> str:
    """Return the key of the row of a content."""
    return f"bytes:{digest}"


def _came(_event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    for number, attachment in enumerate(payload["attachments"]):
        key = f"named:{attachment_id(payload['message'], number)}"
        yield Row(key=key, doc={"name": attachment["name"]})


def _kept(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    """Know the content of a file that came with a message, under whatever name it is saved."""
    attachment, digest = payload["attachment"], payload["digest"]
    named = get(f"named:{attachment}")
    title = str(named.doc["name"])[:_TITLE] if named is not None else ""
    if digest:
        source = Source(kind="file", ref=attachment, title=title).model_dump(mode="json")
        yield _content(digest, [source], get)
    yield Drop(f"named:{attachment}")


def _finished(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    written = payload.get("written")
    if written is not None:
        yield from _changed(payload, written, get)
    elif payload["action"] in _EARLIER:
        doc = {
            "position": event.position,
            "action": payload["action"],
            "output": payload["output"],
            "sources": payload["sources"],
        }
        yield Row(key=f"{UNNAMED}:{payload['marker']}", doc=doc, group=UNNAMED)


def _changed(payload: dict[str, Any], written: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    here = get(place_row(written["place"]))
    before = {
        "digest": written["before"],
        "sources": _joined(here.doc["sources"] if here else [], _of(written["before"], get)),
        "whole": here.doc["whole"] if here else False,
    }
    undone = get(f"op:{written['undoes']}") if written["undoes"] else None
    if written["undoes"]:
        whole, sources = _taken_back(undone, written, before)
    else:
        whole = written["whole"] or before["whole"]
        own = payload["sources"]
        sources = own if written["whole"] else _joined(before["sources"], own)
    sources = _joined(sources, _of(written["after"], get))
    doc = {
        "place": written["place"],
        "digest": written["after"],
        "sources": sources,
        "whole": whole,
    }
    place = written["place"]
    yield Row(key=place_row(place), doc=doc, group=near_group(place))
    yield Row(key=f"op:{payload['marker']}", doc=before)
    if written["after"] and sources:
        yield _content(written["after"], sources, get)


def _taken_back(
    undone: Row | None, written: dict[str, Any], before: dict[str, Any]
) -> tuple[bool, Sources]:
    """Return what is true after an undo: what was, where exactly that was brought back.

    Else other changes stayed, and nobody can say whose words are among them: all that were.
    """
    if undone is None:
        return before["whole"], before["sources"]
    if undone.doc["digest"] == written["after"]:
        return undone.doc["whole"], undone.doc["sources"]
    return undone.doc["whole"], _joined(before["sources"], undone.doc["sources"])


def _undone(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    key = f"{UNNAMED}:{payload['marker']}"
    if get(key) is not None:
        yield Drop(key)


def _of(digest: str | None, get: Get) -> Sources:
    row = get(bytes_row(digest)) if digest else None
    return row.doc["sources"] if row is not None else []


def _content(digest: str, sources: Sources, get: Get) -> Row:
    return Row(key=bytes_row(digest), doc={"sources": _joined(_of(digest, get), sources)})


def _joined(*many: Sources) -> Sources:
    """Return each source once, in order of first appearance."""
    joined: Sources = []
    for sources in many:
        joined += [source for source in sources if source not in joined]
    return joined


FILES = TableProjection(
    "files",
    {
        "message.received.v1": _came,
        "attachment.read.v1": _kept,
        "attachment.failed.v1": _kept,
        "operation.finished.v1": _finished,
        "operation.undone.v1": _undone,
    },
)
