"""Checks of an installation: each says ok, warn or fail, and what to do."""

import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, NamedTuple

from adapters.system.state_key import StateKey
from bot.app import App
from bot.wiring.caches import build_short_term
from bot.wiring.knowledge import store_of
from core.domain.errors import EquerryError
from core.log.anchoring import lines
from core.memory.index.feeds import FACTS
from core.memory.index.indexer import Indexer
from core.ports.transcriber import Sound

LOW_BYTES = 500_000_000
OTHERS = stat.S_IRWXG | stat.S_IRWXO
Level = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One line: what was checked, how it is, and what to do where it is not well."""

    part: str
    level: Level
    said: str
    todo: str = ""


async def examine(app: App) -> AsyncIterator[Finding]:
    """Yield a finding for each part; one that cannot be checked fails and harms no other."""
    yield Finding("config", "ok", "every key is known and every value allowed")
    checks: tuple[tuple[str, Callable[[App], Awaitable[Finding]]], ...] = (
        ("data_dir", _data_dir),
        ("disk", _disk),
        ("database", _database),
        ("anchor", _anchor),
        ("model", _model),
        ("voice", _voice),
        ("redis", _redis),
        ("embedding", _embedding),
    )
    for name, check in checks:
        yield await _safely(name, check, app)
    for scope, indexer in app.kernel.recall.knowledge.scopes.items():
        yield await _indexed(app, scope, indexer)
    yield await _stored(app, FACTS, app.kernel.recall.knowledge.facts)


async def _safely(name: str, check: Callable[[App], Awaitable[Finding]], app: App) -> Finding:
    try:
        return await check(app)
    except (EquerryError, OSError) as error:
        return Finding(name, "fail", str(error))


async def _data_dir(app: App) -> Finding:
    folder = app.config.data_dir
    if folder.stat().st_mode & OTHERS:
        return Finding("data_dir", "warn", f"{folder} can be read by others", f"chmod 700 {folder}")
    return Finding("data_dir", "ok", f"{folder} is yours alone")


async def _disk(app: App) -> Finding:
    free = shutil.disk_usage(app.config.data_dir).free
    said = f"{free / 1e9:.1f} GB are free"
    if free < LOW_BYTES:
        return Finding("disk", "warn", said, "make room: writing stops when the disk is full")
    return Finding("disk", "ok", said)


async def _database(app: App) -> Finding:
    position, _ = await app.kernel.log.head()
    return Finding("database", "ok", f"{position} events; verify checks their chain")


async def _anchor(app: App) -> Finding:
    keeper = app.anchor.keeper
    if keeper is None:
        return Finding("anchor", "warn", app.anchor.trouble)
    found = await keeper.standing()
    said = lines(found)
    if not found.sound:
        return Finding("anchor", "fail", " ".join(said[:-1]), said[-1])
    trouble = found.seen.trouble or len(said) > 1
    return Finding("anchor", "warn" if trouble or found.fit == "new" else "ok", " ".join(said))


async def _model(app: App) -> Finding:
    if app.kernel.calls.offline:
        todo = "set llm.tiers.balanced.model for general questions and plans"
        return Finding("model", "warn", "none is configured: the offline model answers", todo)
    return Finding("model", "ok", ", ".join(app.models))


async def _voice(app: App) -> Finding:
    if app.kernel.transcriber is None:
        return Finding("voice", "ok", "off: no llm.transcription.model")
    # A price that is unknown would refuse every voice message.
    app.kernel.transcriber.ceiling(Sound(data=b"", name="", media_type="", seconds=1))
    return Finding("voice", "ok", app.kernel.transcriber.name)


async def _redis(app: App) -> Finding:
    if app.config.storage.redis_url is None:
        return Finding("redis", "ok", "none is configured: windows are kept in this process")
    await build_short_term(app.config, StateKey.of_process()).get("doctor")
    return Finding("redis", "ok", "the configured server answers")


async def _embedding(app: App) -> Finding:
    embedder = app.kernel.recall.knowledge.embedder
    await embedder.query("a question")
    return Finding("embedding", "ok", embedder.space)


async def _indexed(app: App, scope: str, indexer: Indexer) -> Finding:
    part = f"memory.{scope}"
    try:
        await indexer.catch_up()
        extent = await indexer.index.extent(app.kernel.recall.knowledge.embedder.space)
    except EquerryError as error:
        return Finding(part, "fail", str(error), "delete the file; it is made again from the log")
    said = f"{extent.entries} entries, {extent.embedded} with a vector"
    if extent.embedded < extent.entries:
        return Finding(part, "warn", said, "the rest gets its vectors while Equerry runs")
    return Finding(part, "ok", said)


async def _stored(app: App, scope: str, indexer: Indexer) -> Finding:
    """Compare the store of vectors with the index, unless another process holds it."""
    part, space = f"chroma.{scope}", app.kernel.recall.knowledge.embedder.space
    if not app.leads and app.config.storage.chroma_url is None:
        return Finding(part, "ok", "in use by the Equerry that runs; it checks it at its start")
    store = indexer.store or store_of(app.config, leads=True)
    checked = Indexer(app.kernel.log, indexer.feed, indexer.index, store)
    problem = await checked.check_store(space)
    if problem is not None:
        todo = "nothing: it is made anew from the index at the next start"
        return Finding(part, "warn", problem, todo)
    return Finding(part, "ok", "has the vectors that the index counts")
