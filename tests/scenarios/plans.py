"""Plans as a model submits them."""

import json
from typing import Any

from adapters.inmemory.model import called
from core.ports.model import ModelAnswer

Task = dict[str, Any]


def does(
    name: str, action: str, args: dict[str, Any], *needs: str, confidence: float = 0.9
) -> Task:
    """Return an executor task."""
    given = {"action": action, "args": args}
    return {
        "id": name,
        "agent": "executor",
        "input": given,
        "needs": list(needs),
        "confidence": confidence,
        "why": f"task {name}",
    }


def writes(name: str, instruction: str, inputs: dict[str, Any], *needs: str) -> Task:
    """Return a task of the assistant."""
    return {
        "id": name,
        "agent": "assistant",
        "input": {"instruction": instruction, "inputs": inputs},
        "needs": list(needs),
        "confidence": 0.9,
        "why": f"task {name}",
    }


def plan_json(*tasks: Task) -> str:
    """Return the arguments of `submit_plan` as JSON text."""
    return json.dumps({"title": "A plan", "tasks": list(tasks)})


def plan(*tasks: Task) -> ModelAnswer:
    """Return a model's answer that submits a plan."""
    return called("submit_plan", plan_json(*tasks))
