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
        return [finding async for finding in examine(app)]

    found = session.run(work, lead=None)
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in found], ensure_ascii=False))
    else:
        for one in found:
            todo = f" → {one.todo}" if one.todo else ""
            click.echo(f"{one.level:<4}  {one.part:<14}  {one.said}{todo}")
    if any(finding.level == "fail" for finding in found):
        raise click.exceptions.Exit(1)


COMMANDS = (doctor,)
