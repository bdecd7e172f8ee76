"""The key in the user's state folder, and the anchor of the log that it signs."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.files.anchor import FileAnchor
from adapters.sql.store import SqlStore
from adapters.system.state_key import StateKey, state_folder
from bot.config import Config
from core.domain.errors import StorageError
from core.log.anchoring import ANCHORED, AnchorKeeper, Standing, lines
from core.ports.clock import Clock
from core.telemetry.health import ANCHOR, Health
from core.telemetry.restored import NEVER, accept_log, begin_anew, enter_for, restored


@dataclass(frozen=True, slots=True)
class State:
    """The user's state folder and the key in it; `trouble` says why there is none."""

    key: StateKey
    folder: Path | None
    trouble: str = ""


def open_state(environ: Mapping[str, str]) -> State:
    """Return the user's key; where it cannot be kept, one for this process."""
    try:
        folder = state_folder(environ)
        return State(StateKey.load(folder), folder)
    except StorageError as error:
        return State(StateKey.of_process(), None, str(error))


def anchor_path(config: Config) -> Path | None:
    """Return where the anchor is kept; None where data_dir has no place beside it."""
    if config.storage.anchor is not None:
        return config.storage.anchor
    data_dir = config.data_dir
    return data_dir.with_name(f"{data_dir.name}.anchor") if data_dir.name else None


@dataclass(slots=True)
class LogAnchor:
    """The anchor of a running application; without a `keeper`, `trouble` says why."""

    keeper: AnchorKeeper | None
    trouble: str = ""
    started: Standing | None = None
    _unlisten: Callable[[], None] | None = None

    async def start(self, store: SqlStore, *, lead: bool, works: bool) -> None:
        """Compare the log with its anchor, and move that behind the log from now on.

        Raises what the store raises where effects may begin here (`works`) on a log that went
        backwards, and that cannot be written down.
        """
        if self.keeper is None:
            return
        store.guard(ANCHORED, self.keeper.hold)
        self._unlisten = store.listen(self.keeper.heard)
        self.started = await self.keeper.start(lead=lead, works=works)
        if works and self.started.fit == "new" and self.started.mark is not None:
            await begin_anew(store, self.started.mark.position)
            with suppress(StorageError):  # whoever anchors what comes next says so
                await self.keeper.accept()
        if works:
            await self._finish_accept(store)

    async def look(self) -> None:
        """Compare again: a server may have come back as an older one. Raises as `start` does."""
        if self.keeper is not None:
            await self.keeper.start(lead=True, works=True)

    async def _finish_accept(self, store: SqlStore) -> None:
        """Sign anew what the owner accepted before a death kept that out of the anchor.

        Every doubt was entered just now, so that one which is not held was accepted.
        """
        since = await restored(store)
        if self.keeper is None or since == NEVER or since.held:
            return
        found = await self.keeper.standing()
        if found.doubts and all(doubt.why != "unsigned" for doubt in found.doubts):
            await self.keeper.accept()

    async def accept(self, store: SqlStore, by: str) -> bool:
        """Take the log as it is, at the owner's word; return whether something was held.

        Raises StorageError when the anchor cannot be written.
        """
        if self.keeper is not None:  # no process may have begun since it went backwards
            await self.keeper.enter()
        was_held = await accept_log(store, store, by)
        if self.keeper is not None and (was_held or not (await self.keeper.standing()).sound):
            await self.keeper.accept()
        return was_held

    async def close(self) -> None:
        """Anchor what was appended last."""
        if self._unlisten is not None:
            self._unlisten()
        if self.keeper is not None:
            await self.keeper.close()

    @property
    def notice(self) -> str:
        """What the owner has to know at a start, in a line; empty when all is well."""
        if self.keeper is None:
            return self.trouble
        found = self.started
        if found is None or (found.sound and found.fit != "new"):
            return ""
        return " ".join(lines(found))


def build_anchor(
    config: Config, store: SqlStore, clock: Clock, state: State, health: Health
) -> LogAnchor:
    """Return the anchor of the log in `store`."""
    path = anchor_path(config)
    if path is None:
        return LogAnchor(None, "data_dir is a whole disk: set storage.anchor to anchor the log.")
    if state.folder is None:
        return LogAnchor(None, f"The log is not anchored. {state.trouble}")
    if state.folder.resolve().is_relative_to(config.data_dir):
        trouble = (
            f"The log is not anchored: the key would lie in data_dir ({state.folder}); set "
            "XDG_STATE_HOME to a folder elsewhere."
        )
        return LogAnchor(None, trouble)
    say = partial(health.say, ANCHOR)
    anchor = FileAnchor(path, state.folder, state.key)
    return LogAnchor(AnchorKeeper(store, anchor, clock, say, partial(enter_for, store)))
