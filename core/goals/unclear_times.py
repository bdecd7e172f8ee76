"""Times that may be meant in two ways: the owner says which, by a tap or in words.

A task with such words fails at the gate, before anything is set. Its goal ends with the question,
and a tap on a reading begins a goal that does the same with the time that was meant.
"""

from core.domain.choices import LONGEST_LABEL, Choice
from core.domain.errors import BadInputError, RefusedError, UnclearTimeError, UnknownThingError
from core.domain.meant import Meant
from core.domain.spoken import spoken, spoken_rule
from core.domain.templates import references, resolve
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.context import action_context
from core.operations.proposing import Proposal, propose

COMMAND = "meant"
_STAMP = "%Y%m%dT%H%M"
LATE = "That time cannot be set any more: please say it again."


def unclear(kernel: Kernel, state: GoalState) -> dict[str, UnclearTimeError]:
    """Return the questions of a goal by the names of their tasks."""
    found: dict[str, UnclearTimeError] = {}
    for name, task in state.tasks.items():
        if task.failure != "refused" or task.superseded or task.planned.agent != "executor":
            continue
        try:
            _settle(kernel, state, task)
        except UnclearTimeError as error:
            found[name] = error
        except RefusedError:
            continue
    return found


def _settle(kernel: Kernel, state: GoalState, task: TaskState) -> None:
    """Make the times of a task absolute, as the gate does. Raises RefusedError."""
    name, args = task.planned.action or "", task.planned.args
    action = kernel.actions.get(name)
    if not task.planned.literal:
        args = resolve(args, state.outputs(), action.Args).args
    action.settled(kernel.actions.validate(name, args), action_context(kernel, state, task))


def reading_choices(
    kernel: Kernel, state: GoalState, questions: dict[str, UnclearTimeError]
) -> tuple[Choice, ...]:
    """Return a button for each reading, where one tap can do what was asked.

    What outside text has a part in is never set by a tap: the owner says it himself.
    """
    return tuple(
        Choice(
            label=_label(one, error.readings),
            line=f"/{COMMAND} {state.id} {name} {number} {_stamp(kernel, one)}",
        )
        for name, error in questions.items()
        if _own(state, state.tasks[name]) and error.field
        for number, one in enumerate(error.readings, 1)
    )


async def set_meant(kernel: Kernel, conversation: str, words: tuple[str, ...], by: str) -> str:
    """Begin the goal that does what was asked with the reading that was chosen; return its id.

    The first choice of a question counts. Raises UnknownThingError or BadInputError.
    """
    if len(words) != 4:  # noqa: PLR2004 - goal, task, number, time
        raise UnknownThingError(LATE)
    goal, name, number, stamp = words
    state = await kernel.goal(goal) if await kernel.rows.get("goals", goal) else None
    if state is None or state.conversation != conversation or not state.ended:
        raise UnknownThingError(LATE)
    error = unclear(kernel, state).get(name)
    readings = error.readings if error else ()
    task = state.tasks.get(name)
    chosen = readings[int(number) - 1] if number in _numbers(readings) else None
    if error is None or task is None or chosen is None or not _own(state, task):
        raise UnknownThingError(LATE)
    if _stamp(kernel, chosen) != stamp or chosen.at <= kernel.clock.now():
        raise BadInputError(LATE)
    args = {**task.planned.args, error.field: chosen.at.isoformat(timespec="seconds")}
    if chosen.repeat is not None:
        args["repeat"] = chosen.repeat
    proposal = Proposal(
        origin="message",
        title=state.title,
        action=task.planned.action or "",
        args=args,
        mark=f"W{number}",
    )
    return await propose(kernel, conversation, proposal, by, key=f"meant:{goal}:{name}")


def _numbers(readings: tuple[Meant, ...]) -> frozenset[str]:
    return frozenset(str(number) for number in range(1, len(readings) + 1))


def _own(state: GoalState, task: TaskState) -> bool:
    return not state.touched() and not references(task.planned.args)


def _stamp(kernel: Kernel, one: Meant) -> str:
    return one.at.astimezone(kernel.zone).strftime(_STAMP)


def _label(one: Meant, readings: tuple[Meant, ...]) -> str:
    """Return what a button says: the time, or the repetition where that is what differs."""
    differs = one.repeat is not None and len({each.repeat for each in readings}) > 1
    at = one.at.isoformat()
    text = spoken_rule(one.repeat, at) if differs and one.repeat else spoken(at)
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
