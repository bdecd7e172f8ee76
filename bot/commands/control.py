"""Commands that steer: start, stop, pause, resume, grants."""

from collections.abc import Sequence

from bot.commands.answer import Answer, Block, choice
from bot.commands.naming import goal_titles
from bot.commands.registry import Call
from bot.reports.lists import grants as grants_report
from bot.reports.status import current_status
from core.domain.erasable import ERASED
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.gates import AutonomyPaused, AutonomyResumed, GrantRevoked
from core.domain.own_words import Own, joined
from core.gates.grants import grant_stream
from core.goals.backlog import What, decide_backlog
from core.goals.stop import stop_goals
from core.goals.unclear_times import set_meant
from core.ports.read_models import RowQuery
from core.projections.goals import OPEN
from core.telemetry.clock_doubt import accept_clock
from core.telemetry.holds import hold_lines

STREAM = "autonomy"
ALL = "ALL"
CLOCK, LOG = "clock", "log"
"""What may wait for a go beside the brake."""
MOST_ASKED = 50
"""Goals that a question names; the others are counted."""


async def start(call: Call) -> Sequence[str]:
    """Say what this is and how it stands."""
    hello = Own("I am Equerry. Write what you need in plain words; /help lists the commands.")
    report = await current_status(call.app)
    return [hello, *([call.app.said] if call.app.said else []), report.text]


async def stop(call: Call) -> Sequence[Block]:
    """Stop one goal, or all open ones of the conversation; where several are open, ask which."""
    goal = call.words[0].upper() if call.words else None
    if goal is None and (asked := await _which(call)):
        return asked
    named = None if goal == ALL else goal
    stopped = await stop_goals(call.app.kernel, call.conversation, named, call.by)
    if not stopped:
        return [Own("Nothing is open here.")]
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
    listed = [f"{goal}  {values.get(ref, ERASED)}" for goal, ref in refs.items()]
    titles = await goal_titles(call.app, list(refs))
    if count > len(rows):
        listed.append(Own(f"… and {count - len(rows)} more: /goals"))
    stops = [choice(f"Stop {goal}", "stop", goal, title=titles[goal]) for goal in refs]
    head = f"{count} goals are open here. Stop one with /stop GOAL, or all with /stop all:"
    everything = choice("Stop all of them", "stop", "all")
    return Answer([joined([head, *listed])], [everything, *stops])


async def pause(call: Call) -> Sequence[str]:
    """Pull the brake."""
    payload = AutonomyPaused(by=call.by, reason=" ".join(call.words))
    event = NewEvent(stream=STREAM, payload=payload, actor=call.by, key=call.key)
    await call.app.kernel.log.append([event])
    return [Own("Paused: I answer, but everything with an effect is asked. /resume ends that.")]


async def resume(call: Call) -> Sequence[str]:
    """Let the brake go, and whatever else waits for the owner's go; or only what is named."""
    words = [word.lower() for word in call.words]
    if len(words) > 1 or not {*words} <= {CLOCK, LOG}:
        every = Own("Write /resume for all that waits, ")
        message = every + f"/resume {CLOCK} or /resume {LOG} for one."
        raise BadInputError(message)
    store, clock = call.app.store, call.app.kernel.clock
    doubted = words != [LOG] and await accept_clock(store, store, clock, call.by)
    was_held = words != [CLOCK] and await call.app.anchor.accept(store, call.by)
    said = []
    if not words:
        event = NewEvent(
            stream=STREAM, payload=AutonomyResumed(by=call.by), actor=call.by, key=call.key
        )
        await call.app.kernel.log.append([event])
        said.append(Own("Resumed: the policy decides again (/policy)."))
    waits = await hold_lines(store)
    if (was_held or doubted) and not waits:
        told = "; cards from before still ask once more" if was_held else ""
        said.append(Own(f"Reminders go on{told}."))
    return [joined([*said, *waits] or [Own("Nothing waits for that.")], " ")]


async def grants(call: Call) -> Sequence[Block]:
    """List grants, or revoke one."""
    if not call.words:
        report = await grants_report(call.app)
        given = [str(one["grant"]) for one in report.data]
        revokes = [choice(f"Revoke {grant}", "grants", "revoke", grant) for grant in given]
        return Answer([report.text], revokes)
    if call.words[0].lower() != "revoke" or len(call.words) != 2:  # noqa: PLR2004 - verb and id
        message = Own("Write /grants to list them") + ", or /grants revoke ID."
        raise BadInputError(message)
    grant = call.words[1].upper()
    row = await call.app.kernel.rows.get("grants", grant)
    if row is None or row.state != "active":
        message = f"There is no active grant {grant!r}; " + Own("/grants lists them.")
        raise UnknownThingError(message)
    payload = GrantRevoked(grant=grant, by=call.by)
    stream, key = grant_stream(grant), f"revoke:{grant}"
    event = NewEvent(stream=stream, payload=payload, actor=call.by, key=key)
    await call.app.kernel.log.append([event])
    return [f"Revoked {grant}: {row.doc['action']} is asked again."]


async def meant(call: Call) -> Sequence[str]:
    """Do what was asked with the reading of a time that was chosen."""
    kernel = call.app.kernel
    await set_meant(kernel, call.conversation, call.words, call.by)
    await call.app.engine.wake(call.conversation)
    return []


async def backlog(call: Call) -> Sequence[str]:
    """Say what becomes of the messages that came while Equerry was away."""
    words: dict[str, What] = {"all": "all", "newest": "newest", "summary": "summary"}
    what = words.get(call.words[0].lower()) if len(call.words) == 1 else None
    if what is None:
        message = "Write /backlog all, /backlog newest or /backlog summary."
        raise BadInputError(message)
    app = call.app
    said, woken = await decide_backlog(app.kernel, what, call.conversation, call.by)
    for conversation in woken:
        await app.engine.wake(conversation)
    return [said]
