"""When a step breaks in a way nobody foresaw: the task or goal ends with a clear sentence."""

from core.domain.errors import EquerryError, StorageError, TransientError, is_passing
from core.goals.finishing import Replies, finish_goal
from core.goals.steps import Step
from core.kernel import Kernel
from core.operations.outcome import closing


async def fail_step(kernel: Kernel, replies: Replies, step: Step, error: Exception) -> None:
    """End what the step was for, so that nothing hangs and nothing spins.

    Raises the error again when it says that the store, or the machine, cannot be used now: an
    effect may have happened whose end could not be written, so nothing is decided and the engine
    tries again.
    """
    if isinstance(error, StorageError | TransientError) or is_passing(error):
        raise error
    state = await kernel.goal(step.goal)
    if isinstance(error, EquerryError):
        told = kernel.redactor.text(str(error))
    else:
        told = f"Something broke inside Equerry ({type(error).__name__}); the log file says more."
    if state.ended:
        return
    if step.kind in {"plan", "finish", "budget"}:
        await kernel.log.append(replies.finish(state, told, "failed"))
        return
    if step.kind == "replan":
        await finish_goal(kernel, replies, state)
        return
    for name in step.tasks:
        task = state.tasks[name]
        if not task.ended:
            events = closing(state, task, told, "failed", state.given(task))
            await kernel.log.append(events)
