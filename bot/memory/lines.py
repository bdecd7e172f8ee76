"""Lines of a file that is taken into memory, and of a batch of searches."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from adapters.documents.document import load
from core.domain.errors import BadInputError
from core.domain.spoken import utc
from core.domain.whole_text import read_json
from core.log.sealing import is_name
from core.memory.documents import chunks
from core.memory.ingest import LONGEST_ID, Ingested
from core.ports.documents import DocumentReader

SHOWN = 20
MOST_K = 1000
"""Answers to one question at most; who asks for more gets so many."""


class ReadFile(NamedTuple):
    """What a file holds; `note` is what the owner should know of how it was read, mostly empty."""

    lines: list[Ingested]
    note: str = ""


async def read_file(file: Path, documents: DocumentReader) -> ReadFile:
    """Return what a file holds: its lines, or the passages of a document, which may be anybody's.

    A document is read in a process of its own, whoever made it.

    Raises BadInputError with all mistakes there are; nothing is taken in then.
    """
    if file.suffix.lower() not in {".jsonl", ".ndjson"}:
        return await _passages(file, documents)
    try:
        text = await asyncio.to_thread(file.read_text, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        message = f"The file {str(file)!r} cannot be read: {reason}."
        raise BadInputError(message) from error
    return ReadFile(await asyncio.to_thread(_read_lines, text, file))


def _read_lines(text: str, file: Path) -> list[Ingested]:
    found: list[Ingested] = []
    problems: list[str] = []
    seen: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            one = _read_line(line, number)
        except BadInputError as error:
            problems.append(str(error))
            continue
        first, text = seen.setdefault(one.id, (number, one.text))
        if text != one.text:
            problems.append(
                f"Line {number}: the id {one.id!r} is on line {first} already, with another text."
            )
        elif first == number:
            found.append(one)
    if problems:
        more = f" … and {len(problems) - SHOWN} more." if len(problems) > SHOWN else ""
        message = f"{file.name} was not taken in. {' '.join(problems[:SHOWN])}{more}"
        raise BadInputError(message)
    return found


def _read_line(line: str, number: int) -> Ingested:
    value = _object(line, number)
    identity, text = value.get("id"), value.get("text")
    if (
        not isinstance(identity, str)
        or not 0 < len(identity) <= LONGEST_ID
        or not is_name(identity)
    ):
        raise _wrong(number, f"id must be a text of 1 to {LONGEST_ID} characters")
    if not isinstance(text, str) or not text.strip():
        raise _wrong(number, "text must be a text that is not empty")
    return Ingested(
        id=identity,
        text=text.strip(),
        at=_at(value.get("at"), number),
        source=_name(value, "source", number),
        speaker=_name(value, "speaker", number),
        kind="turn" if value.get("speaker") else "note",
    )


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        value = read_json(line)
    except BadInputError as error:
        raise _wrong(number, f"it is {error}") from error
    if not isinstance(value, dict):
        raise _wrong(number, "it is no JSON object")
    return value


def _name(value: dict[str, Any], name: str, number: int) -> str | None:
    found = value.get(name)
    if found is None or found == "":
        return None
    if not isinstance(found, str) or not is_name(found):
        raise _wrong(number, f"{name} must be a short text")
    return found


def _at(value: object, number: int) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        return utc(datetime.fromisoformat(str(value)))
    except ValueError as error:
        raise _wrong(number, f"at must be an ISO 8601 time, not {str(value)[:40]!r}") from error


def read_query(line: str, number: int) -> tuple[str, int | None]:
    """Return the question of a line of a batch, and how many answers it wants."""
    value = _object(line.removeprefix("\ufeff"), number)
    query, k = value.get("query"), value.get("k")
    if not isinstance(query, str):
        raise _wrong(number, "query must be a text")
    if k is not None and (isinstance(k, bool) or not isinstance(k, int) or k < 1):
        raise _wrong(number, "k must be a whole number from 1 on")
    return query, None if k is None else min(k, MOST_K)


def _wrong(number: int, what: str) -> BadInputError:
    return BadInputError(f"Line {number}: {what}.")


async def _passages(file: Path, documents: DocumentReader) -> ReadFile:
    data = await asyncio.to_thread(load, file)
    document = await documents.read(file.name, "", data)
    name = file.name
    passages = [
        Ingested(id=f"{name[:120]}#{passage.part}", text=passage.text, source=name, kind="passage")
        for passage in chunks(document.text, document.title)
    ]
    return ReadFile(passages, document.note)
