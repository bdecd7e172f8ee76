"""`python -m bot [--config FILE] COMMAND`.

Exit codes: 0 done, 1 refused or failed, 2 bad usage or config.
"""

import logging
import os
import sys
from io import TextIOWrapper
from pathlib import Path

import click

from bot.cli import deciding, doctoring, logs, memory, porting, reports, running, talking
from bot.cli.session import Session
from bot.config import ConfigError, load_config
from bot.data_dir import keep_private
from core.domain.errors import EquerryError

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""

SHOWN = "backslashreplace"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Configuration file; default ./config.yaml, else built-in defaults.",
)
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Equerry: an AI operating system for a company of one."""
    context.obj = Session(lambda: load_config(config, os.environ))


GROUPS = (talking, running, memory, doctoring, reports, logs, deciding, porting)
for group in GROUPS:
    for command in group.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line; one clear line on stderr for everything that is refused."""
    keep_private()
    _forgive_bytes()
    try:
        code = cli.main(prog_name="python -m bot", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - told below, never shown raw
        code = _failed(error)
    sys.exit(code if isinstance(code, int) else 0)


def _forgive_bytes() -> None:
    """Take bytes that are no text, and text that a stream has no bytes for, as best can be."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, SHOWN), (sys.stderr, SHOWN)):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def _failed(error: BaseException) -> int:
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):  # what Python flushes at exit goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    line, code = _told(error)
    click.echo(line, err=True)
    return code


def _told(error: BaseException) -> tuple[str, int]:
    if isinstance(error, click.UsageError):
        return _usage(error), error.exit_code
    if isinstance(error, click.ClickException):
        return error.format_message(), error.exit_code
    if isinstance(error, EquerryError):
        return str(error), 2 if isinstance(error, ConfigError) else 1
    logging.getLogger(__name__).error("a command failed inside", exc_info=error)
    return f"Something broke inside Equerry ({type(error).__name__}); the log file says more.", 1


def _usage(error: click.UsageError) -> str:
    """Return one line about bad usage; for no command at all, the help."""
    said = error.format_message().removeprefix("Invalid value: ")
    if error.ctx is None or "\n" in said:
        return said
    end = "" if said.endswith(("?", ".")) else "."
    return f"{said}{end} See {error.ctx.command_path} --help."
