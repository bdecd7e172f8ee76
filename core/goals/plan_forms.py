"""Plans in the forms that models give them, set right where only one thing can be meant.

What is meant is not guessed: an unknown agent or action stays one, and is sent back.
"""

import re
from collections.abc import Mapping
from typing import Any

from core.domain.plan import TASK_ID
from core.domain.templates import reworded

_ID = re.compile(TASK_ID)


def mended(plan: Any, actions: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a plan as JSON with its tasks in the documented form; anything else as it is.

    An action in place of an agent is an executor's task; arguments that stand beside the action are
    its `args`; an id that is a number, or has spaces, gets a new one, and so do references to it.
    """
    tasks = plan.get("tasks") if isinstance(plan, Mapping) else None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        return plan
    ids = [str(task.get("id") or f"#{number}") for number, task in enumerate(tasks)]
    names = _new_names(ids)
    mended_tasks = [_task({**t, "id": i}, actions) for t, i in zip(tasks, ids, strict=True)]
    return {**plan, "tasks": [_with_ids(task, names) for task in mended_tasks]}


def _new_names(ids: list[str]) -> dict[str, str]:
    """Return names for the ids that cannot stay; two tasks with one id are left for the check."""
    if len(set(ids)) < len(ids):
        return {}
    free = (name for n in range(1, 2 * len(ids) + 1) if (name := f"t{n}") not in ids)
    return {task: next(free) for task in ids if not _ID.fullmatch(task)}


def _task(task: dict[str, Any], actions: frozenset[str]) -> dict[str, Any]:
    agent, given = task.get("agent"), task.get("input")
    if not isinstance(given, dict):
        return task
    named = isinstance(agent, str) and agent in actions
    if not named and (agent != "executor" or "args" in given):
        return task
    args = given.get("args", {name: value for name, value in given.items() if name != "action"})
    action = agent if named else given.get("action", "")
    return {**task, "agent": "executor", "input": {"action": action, "args": args}}


def _with_ids(task: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if not names:
        return task
    needs = task.get("needs")
    if isinstance(needs, list):
        task = {**task, "needs": [names.get(str(need), need) for need in needs]}
    old = "|".join(re.escape(name) for name in names)
    reference = re.compile(rf"\{{\{{\s*({old})((?:\.[\w-]+)*)\s*\}}\}}")
    given = reworded(
        task.get("input"),
        lambda text: reference.sub(lambda m: f"{{{{ {names[m[1]]}{m[2]} }}}}", text),
    )
    return {**task, "id": names.get(task["id"], task["id"]), "input": given}
