"""Plans in the forms that models give them, set right where only one thing can be meant.

What is meant is not guessed: an unknown agent or action stays one, and is sent back.
"""

import re
from collections.abc import Mapping
from typing import Any

from core.domain.errors import BadInputError
from core.domain.plan import TASK_ID
from core.domain.templates import reworded
from core.domain.whole_text import read_json

_ID = re.compile(TASK_ID)


def mended(plan: Any, actions: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a plan as JSON with its tasks in the documented form; anything else as it is.

    An action in place of an agent is an executor's task; arguments that stand beside the action are
    its `args`; an id that is a number, or has spaces, gets a new one, and so do references to it.
    """
    plan = _unwrapped(plan)
    tasks = plan.get("tasks") if isinstance(plan, Mapping) else None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        return plan
    ids = [str(task.get("id") or f"#{number}") for number, task in enumerate(tasks)]
    names = _new_names(ids)
    mended_tasks = [_task({**t, "id": i}, actions) for t, i in zip(tasks, ids, strict=True)]
    return {**plan, "tasks": [_with_ids(task, names) for task in mended_tasks]}


def joined(plans: list[Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the plans of one answer as one: each distinct one is meant, tasks and all."""
    unlike = [plan for number, plan in enumerate(plans) if plan not in plans[:number]]
    lists = [p["tasks"] for p in unlike if isinstance(p, Mapping) and _has_tasks(p)]
    if len(unlike) == 1 or len(lists) < len(unlike):
        return unlike[0]
    taken: set[str] = set()
    tasks: list[Any] = []
    for number, own in enumerate(lists, 1):
        ids = [str(task.get("id")) for task in own if isinstance(task, dict)]
        names = {one: f"p{number}-{one}"[:32] for one in ids if one in taken}
        taken |= set(ids)
        tasks += [_with_ids(t, names) if isinstance(t, dict) else t for t in own]
    return {**unlike[0], "tasks": tasks}


def _has_tasks(plan: Mapping[str, Any]) -> bool:
    return isinstance(plan.get("tasks"), list)


def _unwrapped(plan: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a plan whose list of tasks, or an input in it, came as JSON in a text."""
    if not isinstance(plan, Mapping):
        return plan
    tasks = _parsed(plan.get("tasks"))
    if isinstance(tasks, Mapping):
        tasks = [tasks] if "input" in tasks else tasks
    if not isinstance(tasks, list):
        return plan
    return {**plan, "tasks": [_with_input(_parsed(task)) for task in tasks]}


def _with_input(task: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(task, Mapping):
        return task
    given = _parsed(task.get("input"))
    if isinstance(given, Mapping) and "args" in given:
        given = {**given, "args": _parsed(given["args"])}
    return {**task, "input": given} if isinstance(given, Mapping) else dict(task)


def _parsed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the object or list that a text is, any other value as it is."""
    if not isinstance(value, str) or value.strip()[:1] not in {"{", "["}:
        return value
    try:
        found = read_json(value)
    except BadInputError:
        return value
    return found if isinstance(found, dict | list) else value


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
