"""`memory …`: facts from the command line, many lines at once, and searches for programs."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from bot.app import App
from bot.cli.session import Session
from bot.memory import lines, told
from bot.terminal import CONVERSATION
from core.domain.errors import BadInputError, FactIndexError
from core.memory.facts import fact_called
from core.memory.forgetting import forget
from core.memory.ingest import ingest_source
from core.memory.learning.remember import Learning, remember
from core.memory.search.ranking import Found

K = 10
_LINES = click.File("r", encoding="utf-8", errors="replace")


@click.group("memory")
def memory() -> None:
    """Add, search, list, forget and ingest what is remembered."""


@memory.command("add")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def add(session: Session, text: str, *, as_json: bool) -> None:
    """Remember TEXT."""

    async def work(app: App) -> Learning:
        return await remember(app.kernel, text, by="command")

    done = session.run(work)
    _print(told.learnt(done), told.remembered(done), as_json=as_json)


@memory.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1), help="How many.")
@click.pass_obj
def list_(session: Session, *, most: int, as_json: bool) -> None:
    """List what is known, newest first."""

    async def work(app: App) -> list[dict[str, Any]]:
        return await told.newest(app, most)

    data = session.run(work)
    _print(data, "\n".join(f"{one['id']}  {one['text']}" for one in data), as_json=as_json)


@memory.command("history")
@click.argument("fact")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def history(session: Session, fact: str, *, as_json: bool) -> None:
    """Show what was known before a fact, and what replaced it."""

    async def work(app: App) -> list[dict[str, Any]]:
        return await told.history(app, fact)

    data = session.run(work)
    _print(data, told.history_text(data), as_json=as_json)


@memory.command("forget")
@click.argument("facts", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def forget_(session: Session, facts: tuple[str, ...], *, as_json: bool) -> None:
    """Forget facts by id, or by the label of an ingested line: their text is erased."""

    async def work(app: App) -> list[dict[str, Any]]:
        found = [await fact_called(app.kernel.rows, fact) for fact in facts]
        ids = [row.key if row else fact for row, fact in zip(found, facts, strict=True)]
        return [told.forgotten(await forget(app.kernel, app.traces, fact)) for fact in ids]

    data = session.run(work)
    _print(data, "\n".join(one["said"] for one in data), as_json=as_json)


@memory.command("search")
@click.argument("query", required=False)
@click.option("--k", "k", default=K, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--batch", type=_LINES, help="Answer lines of {query, k}; - is stdin.")
@click.pass_obj
def search(
    session: Session, query: str | None, k: int, batch: TextIO | None, *, as_json: bool
) -> None:
    """Search what is known."""
    if (query is None) == (batch is None):
        message = "name a QUERY, or a file of queries with --batch"
        raise click.UsageError(message)

    async def work(app: App) -> list[dict[str, Any]]:
        if batch is not None:
            await _answer(app, batch)
            return []
        most = min(k, lines.MOST_K)
        return _results(await app.kernel.recall.knowledge.search(query or "", most))

    data = session.run(work)
    if batch is None:
        _print(data, "\n".join(f"{one['id']}  {one['text']}" for one in data), as_json=as_json)


async def _answer(app: App, batch: TextIO) -> None:
    """Answer each line with one line, flushed at once; a line that is wrong is answered so.

    Every answer has the same fields, so that whoever asks reads all of them alike.
    """
    knowledge = app.kernel.recall.knowledge
    knowledge.warm()
    number = 0
    while line := await asyncio.to_thread(batch.readline):
        number += 1
        if not line.strip():
            continue
        try:
            query, k = lines.read_query(line, number)
        except BadInputError as error:
            _tell({"query": None, "results": [], "ms": 0.0, "error": str(error)})
            continue
        begun = time.perf_counter()
        try:
            found = await knowledge.search(query, k or K)
        except FactIndexError as error:
            _tell({"query": query, "results": [], "ms": 0.0, "error": str(error)})
            continue
        took = round((time.perf_counter() - begun) * 1000, 2)
        _tell({"query": query, "results": _results(found), "ms": took})


def _tell(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))
    sys.stdout.flush()


def _results(found: Sequence[Found]) -> list[dict[str, Any]]:
    return [
        {"id": one.entry.called, "score": round(one.score, 4), "text": one.entry.text}
        for one in found
    ]


@memory.command("ingest")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def ingest(session: Session, file: Path, *, as_json: bool) -> None:
    """Take in FILE: lines of {id, text, at, source, speaker} (.jsonl), or a document."""
    from bot.memory.taking_in import take_in

    read = asyncio.run(lines.read_file(file))

    async def work(app: App) -> dict[str, Any]:
        return await take_in(app, read.lines, file.name, _progress)

    data = session.run(work, lead=None)
    gone = f", {data['forgotten']} forgotten before and left out" if data["forgotten"] else ""
    said = f"{data['added']} added, {data['known']} known already{gone}, {data['facts']} in all."
    _print(data, said, as_json=as_json)
    for problem in [read.note] * bool(read.note) + data["problems"]:
        click.echo(problem, err=True)
    if data["problems"]:
        raise click.exceptions.Exit(1)


@memory.command("vouch")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def vouch(session: Session, file: Path) -> None:
    """Ask by a card whether what FILE brought, ingested or an export, is your own words."""
    from bot.memory.vouching import ask_to_vouch
    from bot.portable.run import export_source

    source = export_source(file) if file.is_dir() else ingest_source(file.name)

    async def work(app: App) -> str:
        return await ask_to_vouch(app, CONVERSATION, source)

    click.echo(session.run(work, lead=None))


def _progress(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done >= of else ""
        click.echo(f"\r{what}: {done:,} of {of:,}{end}", nl=False, err=True)


def _print(data: object, text: str, *, as_json: bool) -> None:
    click.echo(json.dumps(data, ensure_ascii=False) if as_json else text or "Nothing.")


COMMANDS = (memory,)
