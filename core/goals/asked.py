"""Who asked for a goal, as a card says it: the owner, somebody else, or the calendar."""

from core.domain.quoting import quoted
from core.goals.state import GoalState

_BEGAN = {"schedule": "your schedule", "playbook": "a playbook of yours"}


def who_asked(state: GoalState) -> str:
    """Return a sentence that says who began a goal; `you asked` only where the owner did."""
    words = quoted(state.title)
    if state.by == "stranger" or (state.origin == "access" and state.by != "owner"):
        who = ", ".join(source.told for source in state.sources) or "somebody unknown"
        return f"you did not ask for this. Somebody who is no owner here did: {who} ({state.id})."
    began = _BEGAN.get(state.origin)
    if began is not None and state.by != "owner":
        return f"{began} began this: {words} ({state.id})."
    return f"you asked: {words} ({state.id})."
