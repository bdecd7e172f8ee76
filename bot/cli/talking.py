"""`chat` and `demo`: the assistant in the terminal."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import click

from adapters.terminal.lines import is_interactive
from bot.app import App
from bot.chat import ScriptOptions, talk_plainly, talk_richly
from bot.cli.session import Session


@click.command()
@click.option(
    "--script",
    type=click.Path(path_type=Path),
    help="Read lines from this file (- is stdin), answer each, and end.",
)
@click.option("--session", "name", help="Name of the script's run: run again, it repeats no line.")
@click.option("--pace", type=click.FloatRange(min=0), default=0.0, help="Seconds per line.")
@click.pass_obj
def chat(session: Session, script: Path | None, name: str | None, pace: float) -> None:
    """Talk with Equerry in the terminal, on embedded defaults."""
    options = ScriptOptions(script=script, session=name or uuid4().hex, pace=pace)
    plain = script is not None or not is_interactive(sys.stdin, sys.stdout, os.environ)
    work: Callable[[App], Awaitable[bool]] = (
        (lambda app: talk_plainly(app, options)) if plain else talk_richly
    )
    if not session.run(work, lead=True):
        sys.exit(1)


@click.command(hidden=True)
@click.option("--pace", type=click.FloatRange(min=0), default=1.2, help="Seconds per line.")
def demo(pace: float) -> None:
    """Play a short story in an empty place, at a readable speed, without a key."""
    from bot.demo import play

    play(pace)


COMMANDS = (chat, demo)
