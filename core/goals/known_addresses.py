"""Which web addresses a reply may hold: those that nobody composed with outside text in sight."""

from core.agents.addresses import addresses, without_composed
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel


def without_unknown(kernel: Kernel, state: GoalState, text: str) -> str:
    """Return a reply that outside text has a part in, without addresses that stand in no source.

    Text of a planner that read an error of others, say, has passed no agent's check before.
    """
    return str(without_composed(text, known_addresses(kernel, state)))


def known_addresses(kernel: Kernel, state: GoalState) -> frozenset[str]:
    """Return the addresses in the owner's words, in what was at hand, and in what tasks gave.

    What an action with an effect repeats is not among them, nor is what a plan says that was made
    with outside text in sight.
    """
    found = addresses(state.title)
    for text in state.at_hand.values():
        found |= addresses(text.value)
    for task in state.tasks.values():
        if not state.plan_sources:
            found |= addresses(task.planned.input)
        if task.output is not None and _gives_literally(kernel, task):
            found |= addresses(task.output.value)
    return found


def _gives_literally(kernel: Kernel, task: TaskState) -> bool:
    action = task.planned.action
    return action is None or kernel.actions.get(action).declared == "none"
