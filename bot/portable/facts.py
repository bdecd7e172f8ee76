"""`facts.jsonl`: a line for each fact with all that is known of it.

A file says what it likes, so what is read back is outside text, under ids of Equerry's own: an id
in a file names no entry that is there, and no line can take one's place.
"""

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bot.app import App
from bot.portable.lines import Line, read_lines
from bot.portable.part import Apply, Brought, Part, nothing
from core.domain.erasable import Erasable, refs_of
from core.domain.errors import VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.memory import FactLearned, FactSuperseded
from core.domain.ids import short_id
from core.domain.sources import Source, merged
from core.domain.spoken import utc
from core.log.sealing import is_name
from core.memory.ingest import LONGEST_ID
from core.memory.provenance import IMPORT, INGEST
from core.ports.read_models import Row, RowQuery

FILE = "facts.jsonl"
BATCH, TOGETHER = 500, 100
KEPT = tuple(name for name in FactLearned.model_fields if name not in {"fact", "text", "about"})
ONLY_HERE = frozenset({"id", "learned", "state", "by_fact", "by", "message"})
"""What a line tells of the log it comes from; here it would name messages and goals of this one."""
ID_LENGTH = 12
"""Characters of a fact's id: 60 bits, so that millions of facts share none by chance."""
STATES = ("known", "superseded")
TIMES = ("said_at", "valid_from", "valid_until")


async def export(app: App, folder: Path) -> list[str]:
    """Write the facts that still have their text, in the order they were written."""
    rows = await app.kernel.rows.find(
        RowQuery("facts", states=frozenset(STATES), order="written"), limit=None
    )
    with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            refs = [ref for row in batch for ref in refs_of(row.doc)]
            values = await app.kernel.log.values(refs)
            lines = [_line(row, values) for row in batch if row.doc["text"]["ref"] in values]
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return [FILE]


def _line(row: Row, values: dict[str, Any]) -> Line:
    doc, about = row.doc, row.doc.get("about")
    return {
        "id": row.key,
        "text": values[doc["text"]["ref"]],
        "about": values.get(about["ref"]) if about else None,
        **{name: doc.get(name) for name in KEPT},
        "learned": doc["learned"],
        "state": row.state,
        "by_fact": doc.get("by_fact"),
    }


async def read(app: App, folder: Path) -> tuple[list[str], Apply]:
    """Check every line; taking them over adds, as outside text, what this log has never had."""
    path = folder / FILE
    if not path.exists():
        return [], nothing
    problems, found = read_lines(path, lambda line: (line, _learned(app, line)))
    return problems, partial(_take_over, app, found)


def _learned(app: App, line: Line) -> FactLearned:
    """Return a line as the event. Raises what `read_lines` tells of."""
    name, text, redactor = line["id"], line["text"], app.kernel.redactor
    named = isinstance(name, str) and 0 < len(name) <= LONGEST_ID and is_name(name)
    if not named or not isinstance(text, str):
        message = f"id must be 1 to {LONGEST_ID} characters on one line, and text must be text"
        raise ValueError(message)
    if not text.strip():
        message = "text must not be empty"
        raise ValueError(message)
    if line.get("state", "known") not in STATES:
        message = f"state must be one of {', '.join(STATES)}, not {line['state']!r}"
        raise ValueError(message)
    about = line.get("about")
    rest = {key: value for key, value in line.items() if key not in ONLY_HERE | {"text", "about"}}
    rest["said_at"] = rest.get("said_at") or line.get("learned")
    given = {key: value for key, value in rest.items() if value is not None}
    sealed = {"about": Erasable.of(redactor.redact(about))} if about else {}
    if line.get("by") == INGEST:
        given.setdefault("label", name)
    fixed = {"fact": _own_id(name, text), "by": IMPORT, "text": Erasable.of(redactor.text(text))}
    learned = FactLearned.model_validate({**given, **fixed, **sealed})
    times = {name: utc(at) for name in TIMES if (at := getattr(learned, name)) is not None}
    return learned.model_copy(update=times)


def _own_id(name: str, text: str) -> str:
    """Return the id here of a fact of an export: the same each time it is read back."""
    return short_id("F", IMPORT, name, text, length=ID_LENGTH)


async def _take_over(app: App, found: list[tuple[Line, FactLearned]], source: Source) -> Brought:
    added = 0
    names = {str(line["id"]): learned.fact for line, learned in found}
    for start in range(0, len(found), TOGETHER):
        batch = found[start : start + TOGETHER]
        brought = (_add(app, line, _outside(one, source), names) for line, one in batch)
        added += sum(await asyncio.gather(*brought))
    there = len(found) - added
    more = f"; {there} were known or forgotten before" if there else ""
    facts = "1 fact was added" if added == 1 else f"{added} facts were added"
    return Brought([f"{facts} as outside text{more}."] if added else [])


def _outside(learned: FactLearned, source: Source) -> FactLearned:
    """Return a fact with the import as a source, whatever the file says of its own."""
    return learned.model_copy(update={"sources": merged((source,), learned.sources)})


async def _is_here(app: App, line: Line, text: object) -> bool:
    """Whether this log wrote the fact itself, with the same words or with words erased since."""
    row = await app.kernel.rows.get("facts", str(line["id"]))
    if row is None:
        return False
    ref = row.doc["text"]["ref"]
    values = await app.kernel.log.values([ref])
    return row.state == "forgotten" or ref not in values or values[ref] == text


async def _add(app: App, line: Line, learned: FactLearned, names: Mapping[str, str]) -> bool:
    """Append a fact that the log has never had, and that it was superseded; say whether it did."""
    if await _is_here(app, line, learned.text.value):
        return False
    stream = f"fact:{learned.fact}"
    payloads: list[FactLearned | FactSuperseded] = [learned]
    if line.get("state") == "superseded":
        by = names.get(str(line.get("by_fact")), "")
        payloads.append(
            FactSuperseded(fact=learned.fact, by_fact=by, valid_until=learned.valid_until)
        )
    events = [NewEvent(stream=stream, payload=payload, actor="owner") for payload in payloads]
    try:
        await app.kernel.log.append(events, expect={stream: 0})
    except VersionConflictError:
        return False
    return True


PART = Part("facts", export, read)
