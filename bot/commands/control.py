"""Commands that steer: start, stop, pause, resume, grants."""

from collections.abc import Sequence

from bot.commands.registry import Call
from bot.reports.lists import grants as grants_report
from bot.reports.status import status
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.gates import AutonomyPaused, AutonomyResumed, GrantRevoked
from core.gates.grants import grant_stream
from core.goals.stop import stop_goals

STREAM = "autonomy"


async def start(call: Call) -> Sequence[str]:
    """Say what this is and how it stands."""
    hello = "I am Equerry. Write what you need in plain words; /help lists the commands."
    report = await status(call.app)
    return [hello, *([call.app.said] if call.app.said else []), report.text]


async def stop(call: Call) -> Sequence[str]:
    """Stop one goal or all open ones of the conversation."""
    goal = call.words[0].upper() if call.words else None
    stopped = await stop_goals(call.app.kernel, call.conversation, goal, call.by)
    if not stopped:
        return ["Nothing is open here."]
    return ["\n".join(f"Stopped {title}" for title in stopped)]


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


async def grants(call: Call) -> Sequence[str]:
    """List grants, or revoke one."""
    if not call.words:
        return [(await grants_report(call.app)).text]
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
