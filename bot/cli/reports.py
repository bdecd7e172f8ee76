"""What the slash commands show, from the command line: text, or `--json`."""

import json
from collections.abc import Awaitable, Callable

import click

from bot.app import App
from bot.cli.session import Session
from bot.reports import lists
from bot.reports.policy import policy
from bot.reports.report import Report
from bot.reports.status import status


def _report(name: str, make: Callable[[App], Awaitable[Report]]) -> click.Command:
    @click.command(name, help=(make.__doc__ or "").partition(".")[0] + ".")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_obj
    def command(session: Session, *, as_json: bool) -> None:
        async def work(app: App) -> Report:
            return await make(app)

        report = session.run(work)
        click.echo(json.dumps(report.data, ensure_ascii=False) if as_json else report.text)

    return command


COMMANDS = (
    _report("status", status),
    _report("inbox", lists.inbox),
    _report("goals", lists.goals),
    _report("agents", lists.agents),
    _report("grants", lists.grants),
    _report("policy", policy),
)
