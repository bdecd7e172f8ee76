"""`python -m bot [--config FILE] COMMAND`.

Exit codes: 0 done, 1 refused or failed, 2 bad usage or config.
"""

import os
import sys
from pathlib import Path

import click

from bot.cli import deciding, logs, reports, talking
from bot.cli.session import Session
from bot.config import ConfigError, load_config
from core.domain.errors import EquerryError


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


for group in (talking.COMMANDS, reports.COMMANDS, logs.COMMANDS, deciding.COMMANDS):
    for command in group:
        cli.add_command(command)


def main() -> None:
    """Run the command line; one clear line on stderr for everything that is refused."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.UsageError as error:
        click.echo(_usage(error), err=True)
        code = error.exit_code
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except ConfigError as error:
        click.echo(str(error), err=True)
        code = 2
    except EquerryError as error:
        click.echo(str(error), err=True)
        code = 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: click.UsageError) -> str:
    """Return one line about bad usage; for no command at all, the help."""
    said = error.format_message().removeprefix("Invalid value: ")
    if error.ctx is None or "\n" in said:
        return said
    return f"{said.rstrip('.')}; see {error.ctx.command_path} --help."
