"""`run`: all enabled surfaces, jobs and the engine in one process."""

import asyncio
import signal
from contextlib import suppress

import click

from bot.app import App
from bot.cli.session import Session
from core.domain.errors import RefusedError


@click.command()
@click.pass_obj
def run(session: Session) -> None:
    """Serve every chat app that is configured, until Ctrl-C."""
    if session.config().telegram.token is None:
        message = (
            "There is nothing to run: no chat app is configured. Set telegram.token (from "
            "@BotFather), or talk here with `python -m bot chat`."
        )
        raise RefusedError(message)
    session.run(_serve, lead=True)


async def _serve(app: App) -> None:
    from bot.telegram.running import TelegramRunner

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if app.said:
        click.echo(app.said)
    serving = asyncio.create_task(TelegramRunner(app, _tell).run())
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        waiting.cancel()
        await serving
        return
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


def _tell(text: str) -> None:
    click.echo(text)


COMMANDS = (run,)
