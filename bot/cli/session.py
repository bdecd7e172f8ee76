"""What a command of the command line is handed: the configuration, and how to run on it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.app import App, Overrides, build_app
from bot.config import Config
from bot.logfile import start_logging

T = TypeVar("T")


class Session:
    """Loads the configuration when a command needs it, and runs the application for it."""

    def __init__(self, load: Callable[[], Config]) -> None:
        """Keep the loader; `--help` needs no configuration."""
        self._load = load

    def config(self) -> Config:
        """Return the configuration. Raises ConfigError."""
        return self._load()

    def run(self, work: Callable[[App], Awaitable[T]], *, lead: bool | None = False) -> T:
        """Run `work` on the application; `lead` as in `build_app`."""
        return run_on(self.config(), work, lead=lead)


def run_on(
    config: Config,
    work: Callable[[App], Awaitable[T]],
    *,
    lead: bool | None = False,
    overrides: Overrides | None = None,
) -> T:
    """Run `work` on an application with this configuration."""

    async def whole() -> T:
        start_logging(config)
        async with build_app(config, overrides, lead=lead) as app:
            return await work(app)

    return asyncio.run(whole())
