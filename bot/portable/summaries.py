"""Working summaries: `summaries.md` to read, `summaries.jsonl` with every version to take back."""

import json
from functools import partial
from pathlib import Path

from bot.app import App
from bot.portable.lines import Line, read_lines
from bot.portable.part import Apply, Brought, Part, nothing
from core.domain.erasable import Erasable
from core.domain.errors import VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.memory import SummaryRolledBack, SummaryUpdated
from core.domain.sources import Source, merged
from core.log.sealing import is_name
from core.memory.summaries.scopes import CONVERSATION, LONGEST, PROJECT, stream_of
from core.memory.summaries.versions import Version, Versions

PAGE, FILE = "summaries.md", "summaries.jsonl"
Change = SummaryUpdated | SummaryRolledBack


async def export(app: App, folder: Path) -> list[str]:
    """Write what each summary says now, and every version that still has its text."""
    versions = Versions(app.kernel.log, app.kernel.rows)
    pages: list[str] = []
    lines: list[str] = []
    for scope in await versions.scopes():
        pages.append(await versions.export_markdown(scope))
        kept = [one for one in await versions.history(scope) if not one.erased]
        lines += [json.dumps(_line(one), ensure_ascii=False) + "\n" for one in kept]
    _write(folder / PAGE, "\n".join(pages) or "There is no summary yet.\n")
    _write(folder / FILE, "".join(lines))
    return [PAGE, FILE]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _line(one: Version) -> Line:
    told: Line = one.model_dump(mode="json", exclude={"until", "erased"})
    return told


async def read(app: App, folder: Path) -> tuple[list[str], Apply]:
    """Check every line; taking them over adds, as outside text, what this log has never had."""
    path = folder / FILE
    if not path.exists():
        return [], nothing
    problems, found = read_lines(path, _version)
    scopes: dict[str, dict[int, Version]] = {}
    for one in found:
        if one.version in scopes.setdefault(one.scope, {}):
            problems.append(f"{FILE}: version {one.version} of {one.scope!r} is there twice.")
        scopes[one.scope][one.version] = one
    return problems, partial(_take_over, app, scopes)


def _version(line: Line) -> Version:
    """Return a line as a version. Raises what `read_lines` tells of."""
    one = Version.model_validate({**line, "until": 0})
    kind, _, name = one.scope.partition(":")
    if f"{kind}:" not in (CONVERSATION, PROJECT) or len(name) > LONGEST or not is_name(name):
        message = f"scope must be conversation:ID or project:NAME, not {one.scope!r}"
        raise ValueError(message)
    return one


async def _take_over(app: App, scopes: dict[str, dict[int, Version]], source: Source) -> Brought:
    added = 0
    for scope, versions in scopes.items():
        stream = stream_of(scope)
        ordered = [versions[number] for number in sorted(versions)]
        events = [
            NewEvent(stream=stream, payload=payload, actor="owner")
            for payload in _changes(app, ordered, source)
        ]
        try:
            await app.kernel.log.append(events, expect={stream: 0})
        except VersionConflictError:
            continue
        added += 1
    there = len(scopes) - added
    more = f"; {there} had one here already" if there else ""
    what = "1 summary was added" if added == 1 else f"{added} summaries were added"
    return Brought([f"{what} as outside text{more}."] if added else [])


def _changes(app: App, versions: list[Version], source: Source) -> list[Change]:
    """Return the versions as they would have come about here, numbered without a gap.

    Each has the import as a source, whatever the file says of its own.
    """
    numbers: dict[int, int] = {}
    changes: list[Change] = []
    for number, one in enumerate(versions, 1):
        numbers[one.version] = number
        if one.origin != one.version and one.origin in numbers:
            back = SummaryRolledBack(
                scope=one.scope, version=number, to=numbers[one.origin], by="import"
            )
            changes.append(back)
            continue
        given = {
            "scope": one.scope,
            "version": number,
            "text": Erasable.of(app.kernel.redactor.text(one.text)),
            "after": 0,  # it tells of the events of another log
            "until": 0,
            "events": one.events,
            "made_by": one.made_by,
            "sources": merged((source,), one.sources),
        }
        changes.append(SummaryUpdated.model_validate(given))
    return changes


PART = Part("summaries", export, read)
