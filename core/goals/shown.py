"""The steps of a goal as people see them who wait, in our own words or the owner's."""

import logging
from collections.abc import Collection

from core.domain.errors import EquerryError
from core.domain.redaction import Redactor
from core.domain.sources import merged
from core.domain.templates import without_references
from core.goals.state import GoalState, TaskState
from core.operations.registry import ActionRegistry
from core.ports.chat_surface import Step, StepState

LONGEST = 70
_TOLD = ("instruction", "question")
"""Fields in which a planner says in a sentence what an agent is to do."""

logger = logging.getLogger(__name__)


class Titles:
    """Names tasks in a few words, each once: a preview may look at a file."""

    def __init__(self, actions: ActionRegistry, redactor: Redactor) -> None:
        """Name what `actions` do."""
        self._actions, self._redactor = actions, redactor
        self._known: dict[tuple[str, str, str, bool], str] = {}

    def of(self, state: GoalState, task: TaskState) -> str:
        """Return a short title of a task.

        What was planned or filled in with outside text in sight may hold words of others: such a
        task is named in our own words alone.
        """
        ours = not merged(state.sources, state.given(task), task.review_sources)
        key = (state.id, task.planned.id, task.marker, ours)
        if key not in self._known:
            title = self._action(task, whole=ours) or _agent(task, whole=ours)
            self._known[key] = _short(self._redactor.text(title))
        return self._known[key]

    def _action(self, task: TaskState, *, whole: bool) -> str:
        """Return what a card calls it as soon as its arguments are known, until then its kind."""
        name = task.planned.action
        if name is None:
            return ""
        try:
            summary = self._actions.get(name).summary
        except EquerryError:
            return "Something that cannot be done here"
        return (whole and self._preview(task, name)) or summary[:1].upper() + summary[1:]

    def _preview(self, task: TaskState, name: str) -> str:
        args = task.args if task.marker else task.planned.args
        if not task.marker and task.planned.refers():
            return ""
        try:
            return self._actions.get(name).preview(self._actions.validate(name, args)).title
        except Exception as error:  # noqa: BLE001 - what is only shown holds up no work
            logger.debug("no title for %s: %s", name, type(error).__name__)
            return ""


def steps_shown(state: GoalState, running: Collection[str], titles: Titles) -> tuple[Step, ...]:
    """Return the steps of a goal with several tasks, in order of the plan; none for any other.

    `running` are the ids of the tasks that somebody works on now.
    """
    if state.ended or len(state.tasks) < 2:  # noqa: PLR2004 - several are two
        return ()
    return tuple(
        Step(titles.of(state, task), *_standing(task, running=name in running))
        for name, task in state.tasks.items()
    )


def _agent(task: TaskState, *, whole: bool) -> str:
    planned, name = task.planned, task.planned.agent.capitalize()
    told = next((told for key in _TOLD if isinstance(told := planned.input.get(key), str)), "")
    return f"{name}: {without_references(told)}" if whole and told.strip() else name


def _standing(task: TaskState, *, running: bool) -> tuple[StepState, str]:
    if task.status == "finished":
        return "done", ""
    if task.status == "failed":
        return "failed", "you said no" if task.failure == "rejected" else ""
    if task.status in {"asked", "joined"}:
        return "waiting", "waits for you"
    if running:
        return "running", ""
    return "waiting", "is tried again" if task.retry_at is not None else ""


def _short(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
