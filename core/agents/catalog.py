"""The catalog in a prompt: one line per action and agent, details on demand."""

from typing import Any

from core.agents.contract import Contract
from core.ports.action import Action


def action_line(action: Action[Any]) -> str:
    """Return `- name(arg, optional?): what it does`."""
    fields = [(f.alias or name, f) for name, f in action.Args.model_fields.items()]
    names = ", ".join(name if f.is_required() else f"{name}?" for name, f in fields)
    return f"- {action.name}({names}): {action.summary}"


def agent_line(contract: Contract) -> str:
    """Return `- name(field, optional?): role`, with the output's fields where a text is not all."""
    fields = contract.input.model_fields.items()
    names = ", ".join(name if f.is_required() else f"{name}?" for name, f in fields)
    given = tuple(contract.output.model_fields)
    gives = "" if contract.tier is None or given == ("text",) else f" Gives {', '.join(given)}."
    return f"- {contract.name}({names}): {contract.role}{gives}"
