"""The composition root: `async with build_app(config, overrides)`, for program and tests alike."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from adapters.engine.local import LocalEngine
from adapters.engine.lock import DataDirLock
from adapters.files.outcome_spool import FileOutcomeSpool
from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from bot.config import Config
from bot.config.idle import idle_sections
from bot.data_dir import make_data_dir, tighten
from bot.progress import ProgressLines
from bot.redaction import collect_secrets
from bot.reports.last_status import LastStatus
from bot.wiring.actions import build_actions
from bot.wiring.agents import build_agents
from bot.wiring.anchor import LogAnchor, build_anchor, open_state
from bot.wiring.caches import (
    build_blobs,
    build_cache,
    build_documents,
    build_short_term,
)
from bot.wiring.charts import build_charts
from bot.wiring.home import check_home
from bot.wiring.knowledge import build_knowledge, build_recall, keep_knowledge
from bot.wiring.models import Chosen, build_model, build_offline, build_transcriber
from bot.wiring.profile import ProfileWatch, first_values
from bot.wiring.traces import LocalTraces
from bot.wiring.upkeep import (
    close_all,
    compact,
    keep_going,
    keep_up,
    learn,
    warm,
    watch_engine,
)
from core.agents.calls import ModelCalls, Models
from core.domain.errors import STORE_ERRORS, RefusedError
from core.domain.events import Event
from core.domain.events.messages import MessageReceived
from core.domain.redaction import Redactor
from core.gates.budget import Caps, Ledger
from core.goals.agenda import RowAgenda
from core.goals.drain import Drain
from core.kernel import Kernel
from core.log.trusted_clock import TrustedClock, trusted
from core.memory.forgetting import finish_forgetting
from core.memory.knowledge import Knowledge
from core.memory.profile.book import ProfileBook
from core.memory.profile.live import LiveProfile
from core.operations.registry import ActionRegistry
from core.operations.undo_action import UndoAction
from core.operations.unrecorded import UnrecordedOutcomes
from core.ports.action import Action
from core.ports.charts import Charts
from core.ports.chat_surface import ChatSurface, Progress
from core.ports.clock import Clock
from core.ports.engine import Agenda, Engine
from core.ports.ids import Ids
from core.ports.model import Model
from core.ports.traces import Traces
from core.ports.transcriber import Transcriber
from core.projections import ALL
from core.telemetry.clock_doubt import begin_clock, is_accepted, note_clock, watch_clock
from core.telemetry.health import Health, reweigh
from core.telemetry.holds import RELEASING, hold_lines
from core.telemetry.store_trouble import StoreTrouble

WAKING = frozenset(
    {
        "message.received.v1",
        "card.decided.v1",
        "card.expired.v1",
        "goal.woken.v1",
        "goal.stopped.v1",
        "reminder.set.v1",
        "reminder.restored.v1",
    }
)

CANCEL_AGAIN_S = 2.0
PROBE = b"probe " * 10_000
"""As large as a photo of a phone that was made small: a disk without that much room is full."""

logger = logging.getLogger(__name__)


@dataclass
class Overrides:
    """What tests and the demo put in place of the configured parts."""

    clock: Clock | None = None
    ids: Ids | None = None
    model: Model | None = None
    store: SqlStore | None = None
    actions: Sequence[Action[Any]] = ()
    environ: Mapping[str, str] | None = None
    knowledge: Knowledge | None = None
    transcriber: Transcriber | None = None


@dataclass
class App:
    """A running core. `models` are those in use; `leads`: this process runs the engine."""

    config: Config
    kernel: Kernel
    engine: Engine
    store: SqlStore
    models: tuple[str, ...]
    profiles: ProfileBook
    traces: Traces
    charts: Charts
    surfaces: dict[str, ChatSurface]
    anchor: LogAnchor
    health: Health
    storage: StoreTrouble
    last_status: LastStatus = field(default_factory=LastStatus)
    leads: bool = False
    said: str = ""
    parts: tuple[object, ...] = ()
    """The models, the cache and short-term memory, to be warmed and closed."""

    def attach(self, surface: ChatSurface) -> None:
        """Let a surface show what is due to its conversations."""
        self.surfaces[surface.channel] = surface

    def detach(self, surface: ChatSurface) -> None:
        """Take a surface away; what is due waits."""
        self.surfaces.pop(surface.channel, None)


@asynccontextmanager
async def build_app(
    config: Config,
    overrides: Overrides | None = None,
    *,
    lead: bool | None = True,
    works: bool = True,
) -> AsyncIterator[App]:
    """Yield the application on the configured stores.

    `lead` True takes the lead or raises RefusedError; None takes it where it is free; False leaves
    the engine to others. Without `works` the engine stands still wherever it is. Raises
    StorageError for a store that cannot be used, RefusedError for one that belongs to another
    data_dir.
    """
    parts = overrides or Overrides()
    clock = trusted(parts.clock or SystemClock())
    ids = parts.ids or SystemIds()
    make_data_dir(config.data_dir)
    lock = DataDirLock(config.data_dir)
    leads = _acquire(lock, lead)
    if leads:
        await asyncio.to_thread(tighten, config.data_dir)
    try:
        store = parts.store or await SqlStore.open(
            database_url(config),
            ALL,
            clock,
            ids,
            ProgressLines("Reading the log of before"),
            may_upgrade=lambda: _acquire(lock, None),  # nobody else may be at work on it meanwhile
            checkpoints=leads,
            alone=lambda: leads or _is_free(lock),
        )
        if not leads:
            lock.release()
    except BaseException:
        lock.release()
        raise
    app: App | None = None
    unlisten: Callable[[], None] | None = None
    try:
        if config.storage.database_url is not None:
            await check_home(store, config.data_dir, settle=leads)
        leads = leads and await _take_lead(store, lock.name, must=bool(lead))
        app = _wire(config, parts, store, clock, ids, leads=leads)
        app.leads = leads
        works = works and leads
        unlisten = store.listen(_Believe(clock))
        newest = await begin_clock(store, store, clock)
        await app.anchor.start(store, lead=bool(lead), works=works)
        if works:
            await note_clock(store, store, clock, newest)
        held = await hold_lines(store)
        app.said = "\n".join(
            filter(
                None,
                (
                    app.said,
                    app.anchor.notice,
                    *idle_sections(config, offline=app.kernel.calls.offline),
                    *held,
                ),
            )
        )
        await app.profiles.refresh()
        async with (
            ProfileWatch(store, app.profiles),
            _status(app),
            _engine(app, works=works),
        ):
            if lead:
                for part in app.parts:
                    warm(part)
            try:
                yield app
            finally:
                store.hurry()
    finally:
        if unlisten is not None:
            unlisten()
        if app is not None:
            await close_all(app.parts)
            await app.anchor.close()
        await store.close()
        lock.release()


def database_url(config: Config) -> str:
    """Return the configured database, or the embedded one under `data_dir`."""
    if config.storage.database_url is not None:
        return config.storage.database_url.get_secret_value()
    return f"sqlite:///{config.data_dir / 'equerry.db'}"


def _acquire(lock: DataDirLock, lead: bool | None) -> bool:  # noqa: FBT001 - three-valued
    if lead is False:
        return False
    try:
        lock.acquire()
    except RefusedError:
        if lead is None:
            return False
        raise
    return True


def _is_free(lock: DataDirLock) -> bool:
    if not _acquire(lock, None):
        return False
    lock.release()
    return True


async def _take_lead(store: SqlStore, name: str, *, must: bool) -> bool:
    """Lead the database; return False where another process does and that need not be."""
    try:
        await store.lead(name)
    except RefusedError:
        if must:
            raise
        return False
    return True


def _wire(
    config: Config, parts: Overrides, store: SqlStore, clock: Clock, ids: Ids, *, leads: bool
) -> App:
    environ = os.environ if parts.environ is None else parts.environ
    profile = LiveProfile(first_values(config), config.profile.zone())
    redactor = Redactor(collect_secrets(config, environ))
    profiles, zone = ProfileBook(store, store, redactor, profile), profile.zone
    ledger = Ledger(store, store, clock, ids, caps=_caps(config), zone=zone)
    health, state = Health(store, store), open_state(environ)
    offline, recent = build_offline(), build_short_term(config, clock, state.key)
    chosen = Chosen(parts.model) if parts.model else build_model(config, offline, environ)
    models, cache = Models(chosen.model, offline), build_cache(config, clock, state.key)
    knowledge = parts.knowledge or build_knowledge(config, store, ledger, leads=leads)
    undo, surfaces, charts = UndoAction(), dict[str, ChatSurface](), build_charts(config)
    documents = build_documents()
    own = [*build_actions(config, store, store, knowledge, profiles, documents), undo]
    kernel = Kernel(
        log=store,
        rows=store,
        clock=clock,
        ids=ids,
        agents=build_agents(config, profile),
        actions=ActionRegistry([*own, *parts.actions]),
        calls=ModelCalls(models, ledger, clock, ids, redactor=redactor, cache=cache, health=health),
        ledger=ledger,
        recall=build_recall(config, store, clock, profile, knowledge, recent, health),
        policy=config.gates.policy(),
        redactor=redactor,
        zone=zone,
        blobs=build_blobs(config),
        documents=documents,
        surfaces=surfaces,
        progress=_Show(surfaces),
        quiet_until=profile.quiet_until,
        profile=profile,
        transcriber=parts.transcriber or build_transcriber(config),
        outcomes=UnrecordedOutcomes(FileOutcomeSpool(config.data_dir / "outcomes")),
    )
    undo.bind(kernel)
    storage = StoreTrouble(partial(_probe, store, kernel), health, clock)
    store.on_failure(storage.failed)
    engine, traces = LocalEngine(RowAgenda(store), clock), LocalTraces(config, cache)
    app = App(
        config,
        kernel,
        engine,
        store,
        chosen.names,
        profiles,
        traces,
        charts,
        surfaces,
        build_anchor(config, store, clock, state, health),
        health,
        storage,
    )
    app.said, app.parts = chosen.said, (chosen.model, cache, recent, knowledge, kernel.transcriber)
    return app


def _caps(config: Config) -> Caps:
    budget = config.budget
    return Caps(
        operation=budget.operation_usd,
        goal=budget.goal_usd,
        day=budget.day_usd,
        month=budget.month_usd,
    )


class _Show:
    """Hands progress to the surface of its conversation."""

    def __init__(self, surfaces: dict[str, ChatSurface]) -> None:
        self._surfaces = surfaces

    def __call__(self, progress: Progress) -> None:
        surface = self._surfaces.get(progress.conversation.partition(":")[0])
        if surface is not None:
            surface.progress(progress)


@asynccontextmanager
async def _engine(app: App, *, works: bool) -> AsyncIterator[None]:
    if not works:
        yield
        return
    await app.kernel.ledger.settle_orphans()
    await finish_forgetting(app.kernel, app.traces)
    waker = _Waker(app.engine, RowAgenda(app.store), app.kernel.clock)
    unlisten = app.store.listen(waker)
    drain = Drain(app.kernel, app.engine.wake, (await app.store.head())[0])
    unwait = app.storage.retry(partial(_go_on, app))

    async def noticing(conversation: str) -> None:
        """Drain; what the store or another place on the disk refuses is trouble of the store."""
        try:
            await drain(conversation)
        except (*STORE_ERRORS, OSError) as error:
            app.storage.failed(error)
            raise

    parts: dict[str, Callable[[], Awaitable[None]]] = {
        "engine": lambda: app.engine.run(noticing),
        "storage": app.storage.run,
        "health": lambda: watch_engine(app.kernel, app.engine, app.health),
        "upkeep": lambda: keep_up(app.kernel),
        "clock": lambda: watch_clock(app.store, app.store, app.kernel.clock),
        "summaries": lambda: compact(app.kernel),
        "learning": lambda: learn(app.kernel),
        "memory": lambda: keep_knowledge(app.kernel, app.health),
    }
    clock, health = app.kernel.clock, app.health
    running = [asyncio.create_task(keep_going(*one, clock, health)) for one in parts.items()]
    try:
        yield
    finally:
        unlisten()
        unwait()
        for task in running:
            await _ended(task)


async def _probe(store: SqlStore, kernel: Kernel) -> None:
    """Write something into each place that work needs, and take it away. Raises what they raise."""
    await store.probe()
    digest = await kernel.blobs.put(PROBE)
    await kernel.blobs.drop(digest)
    await kernel.outcomes.reserve("probe")
    await kernel.outcomes.drop("probe")


async def _go_on(app: App) -> None:
    """Take up what waited for the store: its pauses are over. Raises what the store raises."""
    await app.anchor.look()
    for conversation in await RowAgenda(app.store).unfinished():
        await app.engine.wake(conversation)
    await app.profiles.refresh()
    await reweigh(app.store, app.store)


@asynccontextmanager
async def _status(app: App) -> AsyncIterator[None]:
    """Keep the status in memory meanwhile."""
    from bot.reports.status import keep_status

    keeping: asyncio.Task[None] | None = None
    if app.leads:
        work = keep_going("status", partial(keep_status, app), app.kernel.clock, app.health)
        keeping = asyncio.create_task(work)
    try:
        yield
    finally:
        app.last_status.forget()
        if keeping is not None:
            await _ended(keeping)


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended: what it waits for may swallow a first cancel."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN_S)
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error


class _Believe:
    """Believes the clock from the moment on at which the owner says so, in whatever process.

    Chat apps say when a message was sent by clocks of their own.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, events: Sequence[Event]) -> None:
        if not isinstance(self._clock, TrustedClock):
            return
        if any(map(is_accepted, events)):
            self._clock.trust()
        for event in events:
            if event.type == MessageReceived.wire:
                self._clock.confirm(datetime.fromisoformat(event.payload["sent_at"]))


class _Waker:
    """Wakes the engine for events of this process and of others."""

    def __init__(self, engine: Engine, agenda: Agenda, clock: Clock) -> None:
        self._engine, self._agenda, self._clock = engine, agenda, clock
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.type in RELEASING:
                self._start(self._wake_due())
            conversation = event.payload.get("conversation")
            begun = event.type == "goal.started.v1" and event.payload["origin"] != "message"
            if conversation and (begun or event.type in WAKING):
                self._wake(conversation, _at(event))

    def _wake(self, conversation: str, at: datetime | None) -> None:
        self._start(self._engine.wake(conversation, at))

    async def _wake_due(self) -> None:
        """Wake who has something due that was held until now."""
        for conversation in await self._agenda.due(self._clock.now()):
            await self._engine.wake(conversation)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _at(event: Event) -> datetime | None:
    if event.type.startswith("reminder."):
        return datetime.fromisoformat(event.payload["at"])
    return None
