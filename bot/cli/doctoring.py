"""`doctor`: how the installation is."""

import json

import click

from bot.app import App
from bot.cli.session import Session
from bot.doctor import Finding, examine


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(session: Session, *, as_json: bool) -> None:
    """Check configuration, stores, model, memory and disk."""

    async def work(app: App) -> list[Finding]:
        found = []
        async for finding in examine(app, lambda line: click.echo(line, err=True)):
            found.append(finding)
            if not as_json:
                todo = f" → {finding.todo}" if finding.todo else ""
                click.echo(f"{finding.level:<4}  {finding.part:<14}  {finding.said}{todo}")
        return found

    found = session.run(work, lead=None, works=False)  # whoever looks sends nothing
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in found], ensure_ascii=False))
    if any(finding.level == "fail" for finding in found):
        raise click.exceptions.Exit(1)


COMMANDS = (doctor,)
