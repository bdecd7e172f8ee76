"""The owner's profile in a running application: its first values, and news from other processes."""

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType

from bot.config import Config, ConfigError
from core.domain.errors import EquerryError
from core.domain.events import Event
from core.domain.events.memory import ProfileChanged
from core.memory.profile.book import ProfileBook
from core.memory.profile.model import OwnerProfile, check_profile
from core.ports.event_log import EventLog

logger = logging.getLogger(__name__)


def first_values(config: Config) -> OwnerProfile:
    """Return what the configuration says of the owner.

    Raises ConfigError for a name that the profile cannot hold.
    """
    told, quiet = config.profile, config.profile.quiet_hours
    made, problems = check_profile(
        {
            "name": " ".join(told.name.split()),
            "company": " ".join(told.company.split()),
            "timezone": told.timezone,
            "quiet_hours": str(quiet) if quiet else None,
        }
    )
    if made is None:
        raise ConfigError("the configuration", [f"profile.{problem}" for problem in problems])
    return made


class ProfileWatch:
    """Reads the profile again when a change of it is heard, also one of another process."""

    def __init__(self, log: EventLog, profiles: ProfileBook) -> None:
        """Watch from entering to leaving the context."""
        self._log, self._profiles = log, profiles
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> None:
        """Begin to listen."""
        self._stop = self._log.listen(self._hear)

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Listen no more."""
        self._stop()
        await asyncio.gather(*self._tasks)

    def _hear(self, events: Sequence[Event]) -> None:
        if any(event.type == ProfileChanged.wire for event in events):
            task = asyncio.get_running_loop().create_task(self._refresh())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _refresh(self) -> None:
        try:
            await self._profiles.refresh()
        except EquerryError as error:
            logger.warning("the profile could not be read again: %s", error)
