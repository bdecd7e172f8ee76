"""Commands that steer: start, stop, pause, resume, grants."""

from collections.abc import Sequence

from bot.commands.answer import Answer, Block, choice
from bot.commands.naming import goal_titles
from bot.commands.registry import Call
from bot.reports.lists import grants as grants_report
from bot.reports.status import status
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.gates import AutonomyPaused, AutonomyResumed, GrantRevoked
from core.gates.grants import grant_stream
from core.goals.stop import OPEN, stop_goals
from core.ports.read_models import RowQuery

STREAM = "autonomy"
ALL = "ALL"
MOST_ASKED = 50
"""Goals that a question names; the others are counted."""


async def start(call: Call) -> Sequence[str]:
    """Say what this is and how it stands."""
    hello = "I am Equerry. Write what you need in plain words; /help lists the commands."
    report = await status(call.app)
    return [hello, *([call.app.said] if call.app.said else []), report.text]


async def stop(call: Call) -> Sequence[Block]:
    """Stop one goal, or all open ones of the conversation; where several are open, ask which."""
    goal = call.words[0].upper() if call.words else None
    if goal is None and (asked := await _which(call)):
        return asked
    named = None if goal == ALL else goal
    stopped = await stop_goals(call.app.kernel, call.conversation, named, call.by)
    if not stopped:
        return ["Nothing is open here."]
    return ["\n".join(f"Stopped {title}" for title in stopped)]


async def _which(call: Call) -> Answer | None:
    """Return the open goals of the conversation to choose from; None for fewer than two."""
    query = RowQuery(
        "goals", group=call.conversation, states=OPEN, order="written", newest_first=True
    )
    rows = await call.app.kernel.rows.find(query, limit=MOST_ASKED)
    count = await call.app.kernel.rows.count(query)
    if len(rows) < 2:  # noqa: PLR2004 - several are two
        return None
    refs = {row.key: row.doc["title"]["ref"] for row in rows}
    values = await call.app.kernel.log.values(list(refs.values()))
    listed = [f"{goal}  {values.get(ref, '[erased]')}" for goal, ref in refs.items()]
    titles = await goal_titles(call.app, list(refs))
    if count > len(rows):
        listed.append(f"… and {count - len(rows)} more: /goals")
    stops = [choice(f"Stop {goal}", "stop", goal, title=titles[goal]) for goal in refs]
    head = f"{count} goals are open here. Stop one with /stop GOAL, or all with /stop all:"
    everything = choice("Stop all of them", "stop", "all")
    return Answer(["\n".join([head, *listed])], [everything, *stops])


async def pause(call: Call) -> Sequence[str]:
    """Pull the brake."""
    payload = AutonomyPaused(by=call.by, reason=" ".join(call.words))
    event = NewEvent(stream=STREAM, payload=payload, actor=call.by, key=call.key)
    await call.app.kernel.log.append([event])
    return ["Paused: I answer, but everything with an effect is asked. /resume ends that."]


async def resume(call: Call) -> Sequence[str]:
    """Let the brake go."""
    event = NewEvent(
        stream=STREAM, payload=AutonomyResumed(by=call.by), actor=call.by, key=call.key
    )
    await call.app.kernel.log.append([event])
    return ["Resumed: the policy decides again (/policy)."]


async def grants(call: Call) -> Sequence[Block]:
    """List grants, or revoke one."""
    if not call.words:
        report = await grants_report(call.app)
        given = [str(one["grant"]) for one in report.data]
        revokes = [choice(f"Revoke {grant}", "grants", "revoke", grant) for grant in given]
        return Answer([report.text], revokes)
    if call.words[0].lower() != "revoke" or len(call.words) != 2:  # noqa: PLR2004 - verb and id
        message = "Write /grants to list them, or /grants revoke ID."
        raise BadInputError(message)
    grant = call.words[1].upper()
    row = await call.app.kernel.rows.get("grants", grant)
    if row is None or row.state != "active":
        message = f"There is no active grant {grant!r}; /grants lists them."
        raise UnknownThingError(message)
    payload = GrantRevoked(grant=grant, by=call.by)
    stream, key = grant_stream(grant), f"revoke:{grant}"
    event = NewEvent(stream=stream, payload=payload, actor=call.by, key=key)
    await call.app.kernel.log.append([event])
    return [f"Revoked {grant}: {row.doc['action']} is asked again."]
