"""`run`: all enabled surfaces, jobs and the engine in one process, whatever the store does."""

import asyncio
import logging
import os
import queue
import signal
import sys
import threading
import time
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

import click

from bot.app import App, build_app
from bot.cli.session import Session
from bot.config import Config
from bot.logfile import start_logging
from core.domain.errors import RefusedError, is_passing
from core.domain.pauses import nth_pause

if TYPE_CHECKING:
    from bot.telegram.alarm import StorageAlarm

PAUSES_S = (1.0, 2.0, 5.0, 10.0)
"""Pauses between starts while the store is away; the last one again and again."""
END_S = 6.0
"""How long an end may take: `docker stop` and others kill after ten seconds."""
LEAVE_S = 1.0
"""The same where nothing is served yet, so that there is nothing to end well."""
KILL_S = 2
"""After so many seconds more the system ends what even that does not."""
FLUSH_S = 0.5
"""How long the end waits for whoever reads what was printed."""
MOST_LINES = 1000
"""Lines that wait for whoever reads them; more are left out: the log file has what matters."""

logger = logging.getLogger(__name__)


@click.command()
@click.pass_obj
def run(session: Session) -> None:
    """Serve every chat app that is configured, until Ctrl-C."""
    config = session.config()
    if config.telegram.token is None:
        message = (
            "There is nothing to run: no chat app is configured. Set telegram.token (from "
            "@BotFather), or talk here with `python -m bot chat`."
        )
        raise RefusedError(message)
    asyncio.run(Service(config).run())
    _leave()


class Service:
    """Serves until it is stopped. A store that is away is waited for, also at the start."""

    def __init__(self, config: Config) -> None:
        """Serve by this configuration."""
        self._config = config
        self._stopped = asyncio.Event()
        self._serving = False
        self._ending = False
        self._problem = ""
        self._alarm: StorageAlarm | None = None

    async def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C. Raises what does not pass by itself."""
        loop = asyncio.get_running_loop()

        def stop(*_: object) -> None:  # also while something holds up the loop itself
            self._end()
            loop.call_soon_threadsafe(self._stopped.set)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        work = asyncio.create_task(self._stay())
        stopped = asyncio.create_task(self._stopped.wait())
        await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in (work, stopped):
            task.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await work
        except Exception:
            if not self._stopped.is_set():
                raise
            logger.exception("something failed at the end")

    def _end(self) -> None:
        if not self._ending:
            self._ending = True
            _leave_within(END_S if self._serving else LEAVE_S)

    async def _stay(self) -> None:
        """Build the application and serve it, again where the store is away at the start."""
        async with AsyncExitStack() as alarms:
            failures = 0
            while not self._stopped.is_set():
                try:
                    await self._serve()
                except Exception as error:
                    if self._stopped.is_set() or not is_passing(error):
                        raise
                    failures = failures + 1 if self._problem else 0
                    await self._trouble(error, alarms)
                    await asyncio.sleep(nth_pause(PAUSES_S, failures))

    async def _trouble(self, error: Exception, alarms: AsyncExitStack) -> None:
        """Say what is wrong with the store, once, here, in the log file and on Telegram."""
        from bot.telegram.alarm import start_alarm

        sentence = str(error)
        if self._problem == sentence:
            return
        _tell(f"{sentence} Trying again …")
        logger.error("the store cannot be used: %s", sentence)
        if self._alarm is None:
            self._alarm = await alarms.enter_async_context(start_alarm(self._config))
        if not self._problem:
            self._alarm.heard(sentence)
        self._problem = sentence

    def _well(self) -> None:
        """Say that it is over."""
        if self._problem:
            self._problem = ""
            _tell("The store is well again.")
            logger.warning("the store is well again")
            if self._alarm is not None:
                self._alarm.heard("")

    async def _serve(self) -> None:
        start_logging(self._config)
        try:
            async with build_app(self._config, lead=True) as app:
                self._well()
                self._serving = True
                await _serve(app)
        finally:
            self._serving = False


async def _serve(app: App) -> None:
    from bot.telegram.running import TelegramRunner

    if app.said:
        _tell(app.said)
    serving = asyncio.create_task(TelegramRunner(app, _tell).run())
    try:
        await asyncio.wait([serving])
    finally:
        app.store.hurry()  # a server that is away holds up no end
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def _leave_within(seconds: float) -> None:
    """End the process by then, whatever holds it up: what was under way counts as after a kill."""

    def leave() -> None:
        time.sleep(seconds)
        names = sorted(thread.name for thread in threading.enumerate())
        logger.error("the end was held up, and is not waited for; threads: %s", ", ".join(names))
        _leave()

    threading.Thread(target=leave, name="end", daemon=True).start()
    signal.alarm(int(seconds) + KILL_S)


def _leave() -> None:
    """End the process now: to take apart what was imported takes seconds, and threads hold it."""
    flushing = threading.Thread(target=_flush, name="flush", daemon=True)
    flushing.start()
    flushing.join(FLUSH_S)
    os._exit(0)


def _flush() -> None:
    _screen.join()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


class Screen:
    """Prints on a thread of its own: a reader that stands still stops no service.

    A terminal after Ctrl-S is one, and a pipe into a program that was stopped.
    """

    def __init__(self) -> None:
        """Begin with the first line."""
        self._lines: queue.Queue[str] = queue.Queue(MOST_LINES)
        self._thread: threading.Thread | None = None

    def tell(self, text: str) -> None:
        """Print a line where somebody reads it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="screen", daemon=True)
            self._thread.start()
        with suppress(queue.Full):
            self._lines.put_nowait(text)

    def join(self) -> None:
        """Return when everything was printed."""
        self._lines.join()

    def _work(self) -> None:
        while True:
            text = self._lines.get()
            with suppress(OSError, ValueError):  # a full disk behind stdout, say
                click.echo(text)
            self._lines.task_done()


_screen = Screen()
_tell = _screen.tell


COMMANDS = (run,)
