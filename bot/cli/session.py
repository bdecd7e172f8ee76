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

    def run(
        self,
        work: Callable[[App], Awaitable[T]],
        *,
        lead: bool | None = False,
        works: bool = True,
    ) -> T:
        """Run `work` on the application; `lead` and `works` as in `build_app`."""
        return run_on(self.config(), work, lead=lead, works=works)


def run_on(
    config: Config,
    work: Callable[[App], Awaitable[T]],
    *,
    lead: bool | None = False,
    works: bool = True,
    overrides: Overrides | None = None,
) -> T:
    """Run `work` on an application with this configuration."""

    async def whole() -> T:
        start_logging(config)
        async with build_app(config, overrides, lead=lead, works=works) as app:
            return await work(app)

    return asyncio.run(whole())
