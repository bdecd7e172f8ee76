"""The actions the executor can do; one that is not configured is not here."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from core.domain.coercion import validated
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.explain import explain
from core.ports.action import Action, ActionArgs


class ActionRegistry:
    """Actions by name."""

    def __init__(self, actions: Iterable[Action[Any]]) -> None:
        """Take the configured actions."""
        self._actions = {action.name: action for action in actions}

    def get(self, name: str) -> Action[Any]:
        """Return an action. Raises UnknownThingError naming what there is."""
        action = self._actions.get(name)
        if action is None:
            raise self._unknown(name)
        return action

    def plannable(self, name: str) -> Action[Any]:
        """Return an action that a plan may use. Raises UnknownThingError for internal ones too."""
        action = self.get(name)
        if action.internal:
            raise self._unknown(name)
        return action

    def _unknown(self, name: str) -> UnknownThingError:
        offered = ", ".join(a.name for a in self.offered())
        return UnknownThingError(f"There is no action {name!r} here; there are: {offered}.")

    def offered(self) -> tuple[Action[Any], ...]:
        """Return the actions that a plan may use, by name."""
        names = sorted(name for name, action in self._actions.items() if not action.internal)
        return tuple(self._actions[name] for name in names)

    def leaving(self) -> frozenset[str]:
        """Return the names of the actions by which content leaves."""
        return frozenset(name for name, action in self._actions.items() if action.leaves)

    def validate(self, name: str, args: Mapping[str, Any]) -> ActionArgs:
        """Return the typed arguments.

        Raises UnknownThingError for the action, BadInputError naming each wrong argument.
        """
        action = self.get(name)
        try:
            parsed: ActionArgs = validated(action.Args, dict(args))
        except ValidationError as error:
            message = f"The arguments of {name} do not fit: {explain(error)}."
            raise BadInputError(message) from error
        return parsed
