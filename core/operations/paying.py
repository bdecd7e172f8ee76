"""The money of a paid action: reserved before an attempt, settled with what became of it."""

from collections.abc import Sequence
from decimal import Decimal

from core.domain.errors import BudgetExceededError, RefusedError
from core.domain.events import NewEvent
from core.domain.events.operations import OperationFailed, OperationFinished, OperationUnknown
from core.domain.money import ZERO, dollars
from core.gates.budget import OPERATION, Hold, Spender
from core.goals.budgeting import ask_for_budget, spent_no_more
from core.goals.cases import Case
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel


class Payment:
    """What one operation may cost and did cost; an action that costs nothing leaves no trace."""

    def __init__(self, kernel: Kernel, state: GoalState, task: TaskState, case: Case) -> None:
        """Take the operation."""
        self._kernel, self._state, self._task = kernel, state, task
        self._action, self._most = case.action.name, case.action.cost(case.args)
        self._reads = case.action.declared == "none"

    async def reserve(self, attempt: int) -> None:
        """Set the most that an attempt can cost aside; once, however often it is begun.

        Raises BudgetExceededError where the goal waits for a card about it, RefusedError where the
        owner chose to spend no more, or is asked about the same budget for another goal.
        """
        if self._most == ZERO:
            return
        if (card := await spent_no_more(self._kernel, self._state)) is not None:
            message = (
                f"{self._action} may cost {dollars(self._most)}, and you chose to spend no more "
                f"here ({card})."
            )
            raise RefusedError(message)
        call = self._call(attempt)
        try:
            await self._kernel.ledger.reserve(self._state.id, self._most, self._spender, call)
        except BudgetExceededError as error:
            card = await ask_for_budget(self._kernel, self._state, error)
            message = f"{error} Card {card} asks you about it: ask for this again after that."
            raise RefusedError(message) from error

    async def held(self, attempt: int) -> Hold:
        """Return the reservation of an attempt; one of nothing, today, where there is none."""
        day = self._kernel.ledger.today()
        call = f"hold:{self._call(attempt)}"
        row = await self._kernel.rows.get("spend", call) if self._most else None
        if row is None:
            return Hold(self._call(attempt), self._state.id, ZERO, day, day[:7])
        doc = row.doc
        usd = Decimal(doc["usd"])
        return Hold(self._call(attempt), self._state.id, usd, doc["day"], doc["month"])

    async def begun(self, attempt: int) -> Hold | None:
        """Return the reservation of an attempt that is made again, where its cost is due.

        A lookup costs whenever it is asked for; an effect under the same marker costs once.
        """
        return await self.held(attempt) if self._reads else None

    def charged(self, error: Exception) -> Decimal:
        """Return what may be charged for an attempt that failed once it had begun."""
        told = getattr(error, "usd", None)
        if isinstance(told, Decimal):
            return told
        return self._most if self._reads and not isinstance(error, RefusedError) else ZERO

    async def settled(
        self, attempt: int, events: Sequence[NewEvent], charged: Decimal = ZERO
    ) -> list[NewEvent]:
        """Return what goes with the events about the end of an attempt.

        One that did not happen costs what is `charged` for it all the same, one of which nothing is
        known its highest cost.
        """
        ends = (OperationFinished, OperationUnknown, OperationFailed)
        ended = [event.payload for event in events if isinstance(event.payload, ends)]
        if not ended:
            return []
        hold, ledger = await self.held(attempt), self._kernel.ledger
        if isinstance(ended[-1], OperationFinished | OperationUnknown):
            return ledger.settlement(hold, ended[-1].usd)
        if charged:
            return ledger.counted(hold, self._spender, "unreachable", charged)
        return ledger.settlement(hold, ZERO)

    @property
    def _spender(self) -> Spender:
        return Spender("executor", "action", self._action)

    def _call(self, attempt: int) -> str:
        return f"{OPERATION}{self._task.marker}:{attempt}"
