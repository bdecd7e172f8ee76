"""The log from the command line: `events`, `verify`, `rebuild`."""

import json
import sys
from dataclasses import replace
from datetime import datetime

import click

from bot.app import App
from bot.cli.session import Session
from core.domain.events import Event, stamp
from core.log.anchoring import lines
from core.ports.event_log import EventQuery

BATCH = 1000


@click.command()
@click.option("--goal", help="Only events of this goal.")
@click.option("--type", "kind", help="Only events of this type, such as card.decided.v1.")
@click.option("--since", help="Only events from this ISO 8601 time on.")
@click.option("--follow", is_flag=True, help="Go on with new events until interrupted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def events(
    session: Session,
    goal: str | None,
    kind: str | None,
    since: str | None,
    *,
    follow: bool,
    as_json: bool,
) -> None:
    """Print the event log."""
    query = EventQuery(goal=goal, type=kind, since=_since(since))

    async def work(app: App) -> None:
        position = query.after
        while batch := await app.store.read(_after(query, position), limit=BATCH):
            for event in batch:
                _print(event, as_json=as_json)
            position = batch[-1].position
        if follow:
            async for event in app.store.subscribe(_after(query, position)):
                _print(event, as_json=as_json)

    session.run(work)


@click.command()
@click.option("--accept", is_flag=True, help="Take the log as it is, and anchor it anew.")
@click.pass_obj
def verify(session: Session, *, accept: bool) -> None:
    """Check the hash chain of the log, and compare it with its anchor."""

    async def work(app: App) -> bool:
        keeper = app.anchor.keeper
        found = await app.store.verify()
        if accept and keeper is not None:
            await keeper.accept()
        standing = await keeper.standing() if keeper is not None else None
        said = lines(standing) if standing is not None else [app.anchor.trouble]
        if found.problem:
            click.echo(f"The log does not verify: {found.problem}", err=True)
        else:
            erased = f", {found.erased} texts erased" if found.erased else ""
            verified = f"{found.events} events verified, head {found.head[:16]}{erased}"
            if standing is not None and standing.fit == "fits":
                first = said.pop(0)
                click.echo(f"{verified}; {first[0].lower()}{first[1:]}")
            else:
                click.echo(f"{verified}.")
        sound = standing is None or standing.sound
        for line in said:
            click.echo(line, err=not sound)
        return sound and not found.problem

    if not session.run(work):
        sys.exit(1)


@click.command()
@click.pass_obj
def rebuild(session: Session) -> None:
    """Recreate every projection and the index of memory from the log, and compare."""

    async def work(app: App) -> None:
        before, after = await app.store.rebuild()
        same = "the same bytes as before" if before == after else f"before: {before[:16]}"
        click.echo(f"Projections rebuilt, digest {after[:16]}, {same}.")
        for indexer in app.kernel.recall.knowledge.scopes.values():
            await indexer.rebuild()
            extent = await indexer.index.extent(app.kernel.recall.knowledge.embedder.space)
            click.echo(
                f"Memory ({indexer.scope}) indexed: {extent.entries} entries, "
                f"{extent.embedded} with a vector."
            )

    session.run(work)


def _after(query: EventQuery, position: int) -> EventQuery:
    return replace(query, after=position)


def _since(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--since takes an ISO 8601 time such as 2026-11-23T09:00, not {text!r}."
        raise click.BadParameter(message) from error
    return stamp(at if at.tzinfo else at.astimezone())


def _print(event: Event, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(event.wire(), ensure_ascii=False))
        return
    goal = event.goal or "-"
    click.echo(f"{event.position:>6}  {stamp(event.at)[:19]}  {goal:<8} {event.type}")


COMMANDS = (events, verify, rebuild)
