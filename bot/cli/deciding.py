"""`decide`, `why` and `undo` from a script."""

import sys
from typing import Any, cast
from uuid import uuid4

import click

from adapters.chat.cards import Look
from adapters.chat.plain import plain_card, plain_text
from bot.app import App
from bot.cli.session import Session
from bot.terminal import CONVERSATION
from core.domain.cards import Verdict
from core.domain.errors import BadInputError
from core.domain.whole_text import read_json
from core.gates.decide import DecideCard, Edits, decide_card
from core.gates.views import card_view
from core.gates.words import markers_of
from core.operations.undo import ask_undo
from core.ports.chat_surface import CardView
from core.telemetry.why import why as tell_why


@click.command()
@click.argument("card")
@click.argument("verdict", type=click.Choice(["accept", "edit", "reject"]))
@click.option("--args", "args", help="New arguments as JSON, for an edit.")
@click.option("--reason", help="Why, for a reject.")
@click.pass_obj
def decide(session: Session, card: str, verdict: str, args: str | None, reason: str | None) -> None:
    """Decide a card: accept, edit or reject."""
    edits = _edits(args)
    if (verdict == "edit") != (edits is not None):
        message = "an edit takes what to change as --args JSON, accept and reject take none"
        raise click.UsageError(message)

    async def work(app: App) -> str:
        said = await _decide(app, card.upper(), cast("Verdict", verdict), edits, reason)
        await _work_off(app)
        return "\n".join([said, *await _asked_again(app, card.upper())])

    click.echo(session.run(work, lead=None))


async def _decide(
    app: App, card: str, verdict: Verdict, edits: dict[str, Any] | None, reason: str | None
) -> str:
    view = await card_view(app.kernel, card)
    command = DecideCard(
        card=card,
        verdict=verdict,
        by="owner",
        via="command line",
        tap=uuid4().hex,
        edits=_by_item(view, edits) if edits is not None else {},
        reason=reason,
    )
    decided = await decide_card(app.kernel, command)
    said = {"accept": "Accepted", "edit": "Accepted as edited", "reject": "Rejected"}
    verb = said[decided.verdict]
    return "\n".join([plain_text(f"{verb}: {view.title}"), *map(plain_text, decided.changes)])


async def _asked_again(app: App, first: str) -> list[str]:
    """Return the card that asks once more before what was accepted happens, where there is one."""
    view = await card_view(app.kernel, first)
    goal = await app.kernel.rows.get("goals", view.goal) if view.goal else None
    if goal is None or not any(item.asks_twice for item in view.items):
        return []
    views = [await card_view(app.kernel, card) for card in goal.doc["cards"] if card != first]
    return [f"{plain_card(one)}\nAsked once more: decide {one.card} accept" for one in views]


def _by_item(view: CardView, args: dict[str, Any]) -> Edits:
    """Return new arguments by the marker of their item; where there are several as `2.text`."""
    if len(view.items) == 1:
        return {view.items[0].marker: args}
    edits: Edits = {}
    for name, value in args.items():
        number, _, field = name.partition(".")
        if not (number.isdecimal() and field):
            message = f'Say of which item {name!r} is, as in {{"1.{name}": …}}.'
            raise BadInputError(message)
        (marker,) = markers_of((int(number),), view.items)
        edits.setdefault(marker, {})[field] = value
    return edits


async def _work_off(app: App) -> None:
    """Do what follows here when no other process runs the engine; else that one does it."""
    if app.leads:
        await app.engine.idle()


def _edits(args: str | None) -> dict[str, Any] | None:
    if args is None:
        return None
    try:
        parsed = read_json(args)
    except BadInputError as error:
        message = f"--args is {error}."
        raise click.BadParameter(message) from error
    if not isinstance(parsed, dict):
        message = "--args takes a JSON object of arguments."
        raise click.BadParameter(message)
    return parsed


@click.command()
@click.argument("name", metavar="[ID]", required=False)
@click.pass_obj
def why(session: Session, name: str | None) -> None:
    """Tell why: who asked, which rule, which model, who decided."""

    async def work(app: App) -> str:
        return await tell_why(app.kernel, CONVERSATION, name)

    click.echo(plain_text(session.run(work)))


@click.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--yes", is_flag=True, help="Undo without asking.")
@click.pass_obj
def undo(session: Session, name: str | None, *, yes: bool) -> None:
    """Show what would be undone, ask, and undo it."""

    async def work(app: App) -> str:
        goal = await ask_undo(app.kernel, CONVERSATION, name, "owner")
        if not app.leads:
            return f"Asked as {goal}: answer its card where Equerry runs, or with decide."
        await app.engine.wake(CONVERSATION)
        await app.engine.idle()
        return await _confirm(app, goal, yes=yes)

    click.echo(session.run(work, lead=None))


async def _confirm(app: App, goal: str, *, yes: bool) -> str:
    row = await app.kernel.rows.get("goals", goal)
    cards = row.doc["cards"] if row is not None and row.state == "waiting" else []
    if not cards:
        message = "The undo could not be asked; see /goals."
        raise BadInputError(message)
    view = await card_view(app.kernel, cards[0])
    said = view.items[0].args.fields.get("said", "")
    told = plain_text(f"{view.title}: {said}")
    click.echo(told if yes else plain_card(view, Look(app.kernel.zone)))
    answer = "accept" if yes else _answer()
    if answer not in {"accept", "yes", "y"}:
        return f"Not undone. The card stays open: decide {view.card} accept"
    await _decide(app, view.card, "accept", None, None)
    await app.engine.wake(CONVERSATION)
    await app.engine.idle()
    state = await app.kernel.goal(goal)
    task = next(iter(state.tasks.values()))
    if task.said is None:
        raise BadInputError(task.error or "The undo did not end.")
    return task.said


def _answer() -> str:
    click.echo("accept? ", nl=False)
    return sys.stdin.readline().strip().lower()


COMMANDS = (decide, why, undo)
