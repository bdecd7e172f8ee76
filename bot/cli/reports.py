"""What the slash commands show, from the command line: text, or `--json`."""

import json
from collections.abc import Awaitable, Callable

import click

from adapters.chat.plain import plain_text
from bot.app import App
from bot.cli.session import Session
from bot.reports import lists
from bot.reports.cost import cost
from bot.reports.policy import policy
from bot.reports.profile import profile
from bot.reports.report import Report
from bot.reports.status import status


def _report(name: str, make: Callable[[App], Awaitable[Report]], told: str) -> click.Command:
    @click.command(name, help=told)
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_obj
    def command(session: Session, *, as_json: bool) -> None:
        async def work(app: App) -> Report:
            return await make(app)

        report = session.run(work)
        # A terminal obeys some characters outside ASCII: JSON escapes them, text names them.
        click.echo(json.dumps(report.data) if as_json else plain_text(report.text))

    return command


COMMANDS = (
    _report("status", status, "What waits, what runs, what it cost."),
    _report("cost", cost, "What was spent, on what, and what the month heads for."),
    _report("inbox", lists.inbox, "The cards that wait for you."),
    _report("goals", lists.goals, "Open goals and the newest that ended."),
    _report("agents", lists.agents, "The agents and their contracts."),
    _report("grants", lists.grants, "Standing permissions."),
    _report("profile", profile, "Who you are to Equerry: the profile as it is now."),
    _report("policy", policy, "What runs by itself and what is asked."),
)
