"""Checks of an installation: each says ok, warn or fail, and what to do."""

import asyncio
import shutil
import sqlite3
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from adapters.sql.sqlite_health import check_pages, wal_reset_bug
from adapters.system.state_key import StateKey
from bot.app import App
from bot.config.idle import idle_sections
from bot.wiring.caches import build_sandbox, build_short_term
from bot.wiring.knowledge import store_of
from core.domain.errors import DamagedError, EquerryError, FactIndexError, StoreAwayError
from core.domain.money import dollars
from core.log.anchoring import lines
from core.memory.index.feeds import FACTS
from core.memory.index.indexer import Indexer
from core.ports.model import ModelMessage, ModelRequest, Tier
from core.ports.transcriber import Sound
from core.telemetry.holds import hold_lines

LOW_BYTES = 500_000_000
ACCOUNT = "doctor"
"""What the call that doctor makes is counted under, as others are under their goal."""
_HELLO = ModelRequest(
    agent="doctor",
    tier="fast",
    messages=(ModelMessage(role="user", content="Answer with the one word: ok"),),
    max_tokens=64,
    timeout_s=20,
    chosen="doctor: one call to see that it answers",
)
OTHERS = stat.S_IRWXG | stat.S_IRWXO
Level = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One line: what was checked, how it is, and what to do where it is not well."""

    part: str
    level: Level
    said: str
    todo: str = ""


Tell = Callable[[str], None]


def nobody(_line: str) -> None:
    """Tell nobody how far a check is."""


async def examine(app: App, tell: Tell = nobody) -> AsyncIterator[Finding]:
    """Yield a finding for each part; one that cannot be checked fails and harms no other.

    `tell` takes a line now and then about a check that takes longer than a second.
    """
    yield Finding("config", "ok", "every key is known and every value allowed")
    checks: tuple[tuple[str, Callable[[App], Awaitable[Finding]]], ...] = (
        ("data_dir", _data_dir),
        ("disk", _disk),
        ("database", lambda app: _database(app, tell)),
        ("sqlite", _sqlite),
        ("anchor", _anchor),
        ("timers", _timers),
        ("model", _model),
        ("voice", _voice),
        ("telegram", _telegram),
        ("redis", _redis),
        ("embedding", _embedding),
        ("sandbox", _sandbox),
    )
    for line in idle_sections(app.config, offline=app.kernel.calls.offline):
        yield Finding("config", "warn", line, "take it out, or leave it for a later version")
    for name, check in checks:
        yield await _safely(name, check, app)
    for scope, indexer in app.kernel.recall.knowledge.scopes.items():
        yield await _indexed(app, scope, indexer, tell)
    facts = app.kernel.recall.knowledge.facts
    yield await _safely(f"chroma.{FACTS}", lambda app: _stored(app, FACTS, facts, tell), app)


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


async def _database(app: App, tell: Tell) -> Finding:
    file = app.store.file
    whole = "" if file is None else f", all {await _read_pages(file, tell)} whole"
    position, _ = await app.kernel.log.head()
    return Finding("database", "ok", f"{position} events{whole}; verify checks their chain")


async def _read_pages(file: Path, tell: Tell) -> str:
    """Read every page of a file and say how much that was. Raises StorageError, DamagedError."""
    size = _size(file)
    reading = asyncio.create_task(asyncio.to_thread(check_pages, file))
    seconds = 0
    while not (await asyncio.wait({reading}, timeout=1))[0]:
        seconds += 1
        tell(f"{file.name}: every page is read, {size} in all, {seconds} s so far …")
    await reading
    return size


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.1f} MB"


async def _sqlite(_app: App) -> Finding:
    said = f"version {sqlite3.sqlite_version}"
    if not wal_reset_bug():
        return Finding("sqlite", "ok", f"{said}, without the WAL-reset bug")
    return Finding(
        "sqlite",
        "warn",
        f"{said} has the WAL-reset bug: two programs that write one database at the same instant "
        "may damage it (Equerry lets only one thread empty the journal, so it is most unlikely)",
        "use a Python with SQLite 3.51.3 or newer, 3.50.7 or 3.44.6, and open data_dir with "
        "nothing else",
    )


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


async def _timers(app: App) -> Finding:
    held = await hold_lines(app.kernel.rows)
    if held:
        return Finding("timers", "warn", " ".join(held), "say /resume when all is as it should be")
    return Finding("timers", "ok", "reminders come when they are due")


async def _model(app: App) -> Finding:
    if app.kernel.calls.offline:
        todo = "set llm.tiers.balanced.model for general questions and plans"
        return Finding("model", "warn", "none is configured: the offline model answers", todo)
    await app.kernel.calls.prepare()
    for tier in get_args(Tier):
        # A wrong name would refuse every call.
        app.kernel.calls.ceiling(ModelRequest(agent="doctor", tier=tier, messages=()))
    started = time.perf_counter()
    called = await app.kernel.calls.complete(ACCOUNT, _HELLO)
    await app.kernel.log.append(called.events)
    if called.fallback:
        return Finding("model", "fail", called.fallback, "see llm in config.yaml, and the server")
    took, cost = time.perf_counter() - started, dollars(called.answer.usd)
    said = f"{', '.join(app.models)}; a call just now: {took:.1f} s, {cost}"
    return Finding("model", "ok", said)


async def _telegram(app: App) -> Finding:
    config = app.config.telegram
    if config.token is None:
        return Finding("telegram", "ok", "off: no telegram.token")
    # Imported here: a surface that is not configured is not loaded.
    from adapters.telegram.api import TelegramApi
    from adapters.telegram.pacing import Pacer

    clock = app.kernel.clock
    api = TelegramApi(config.token.get_secret_value(), config.api_base, Pacer(clock))
    try:
        await api.open()
        return Finding("telegram", "ok", f"@{api.bot.username} answers (getMe)")
    finally:
        await api.close()


async def _voice(app: App) -> Finding:
    if app.kernel.transcriber is None:
        return Finding("voice", "ok", "off: no llm.transcription.model")
    # A price that is unknown would refuse every voice message.
    app.kernel.transcriber.ceiling(Sound(data=b"", name="", media_type="", seconds=1))
    return Finding("voice", "ok", app.kernel.transcriber.name)


async def _redis(app: App) -> Finding:
    if app.config.storage.redis_url is None:
        return Finding("redis", "ok", "none is configured: windows are kept in this process")
    await build_short_term(app.config, app.kernel.clock, StateKey.of_process()).get("doctor")
    return Finding("redis", "ok", "the configured server answers")


async def _embedding(app: App) -> Finding:
    embedder = app.kernel.recall.knowledge.embedder
    await embedder.query("a question")
    return Finding("embedding", "ok", embedder.space)


async def _sandbox(_app: App) -> Finding:
    name = await asyncio.to_thread(lambda: build_sandbox().name)
    if name:
        said = f"files are read without network, and nothing else can be seen: confined by {name}"
        return Finding("sandbox", "ok", said)
    return Finding(
        "sandbox",
        "warn",
        "files of strangers are read with few rights, but nothing keeps a fault in a reader from "
        "the network and from your files",
        "install bubblewrap (apt install bubblewrap), or use Linux 6.2 or newer with Landlock",
    )


async def _indexed(app: App, scope: str, indexer: Indexer, tell: Tell) -> Finding:
    part = f"memory.{scope}"
    file = app.config.data_dir / "memory" / f"{scope}.db"
    try:
        if file.is_file():
            with suppress(StoreAwayError):  # what locks it is named below
                await _read_pages(file, tell)
        await indexer.catch_up()
        extent = await indexer.index.extent(app.kernel.recall.knowledge.embedder.space)
    except DamagedError as error:
        return Finding(part, "fail", error.what, await _renew(indexer))
    except FactIndexError as error:
        return Finding(part, "fail", f"{file} cannot be used: {error.what}", error.todo)
    except (EquerryError, OSError) as error:
        return Finding(part, "fail", str(error))
    said = f"{extent.entries} entries, {extent.embedded} with a vector"
    if extent.embedded < extent.entries:
        return Finding(part, "warn", said, "the rest gets its vectors while Equerry runs")
    return Finding(part, "ok", said)


async def _renew(indexer: Indexer) -> str:
    """Throw a damaged index away; return what is to be done."""
    try:
        await indexer.renew()
    except FactIndexError as error:
        return error.todo
    return "nothing: it was thrown away and is made again from the log"


async def _stored(app: App, scope: str, indexer: Indexer, tell: Tell) -> Finding:
    """Compare the store of vectors with the index, unless another process holds it."""
    part, space = f"chroma.{scope}", app.kernel.recall.knowledge.embedder.space
    if not app.leads and app.config.storage.chroma_url is None:
        return Finding(part, "ok", "in use by the Equerry that runs; it checks it at its start")
    file = app.config.data_dir / "chroma" / "chroma.sqlite3"
    try:
        if app.config.storage.chroma_url is None and file.exists():
            await _read_pages(file, tell)
    except (EquerryError, OSError) as error:
        return Finding(part, "fail", str(error), "delete its folder; it is made anew at the start")
    store = indexer.store or store_of(app.config, leads=True)
    checked = Indexer(app.kernel.log, indexer.feed, indexer.index, store)
    problem = await checked.check_store(space)
    if problem is not None:
        todo = "nothing: it is made anew from the index at the next start"
        return Finding(part, "warn", problem, todo)
    return Finding(part, "ok", "has the vectors that the index counts")
