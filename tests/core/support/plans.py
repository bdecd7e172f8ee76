"""Answers of a model: plans, results, and the tasks in them."""

from decimal import Decimal
from typing import Any

from adapters.inmemory.model import called
from core.domain.money import ZERO
from core.ports.model import ModelAnswer


def do(task: str, action: str, /, **args: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return an executor task that needs nothing but what it refers to."""
    return {
        "id": task,
        "agent": "executor",
        "input": {"action": action, "args": args},
        "needs": [],
        "confidence": 0.9,
        "why": f"why {task}",
    }


def write(task: str, instruction: str, /, **inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an assistant task."""
    return {
        "id": task,
        "agent": "assistant",
        "input": {"instruction": instruction, "inputs": inputs},
        "confidence": 0.9,
        "why": f"why {task}",
    }


def plan(*tasks: dict[str, Any], title: str = "A plan", usd: Decimal = ZERO) -> ModelAnswer:
    """Return the planner's call of submit_plan."""
    return called("submit_plan", {"title": title, "project": None, "tasks": list(tasks)}, usd)


def result(text: str) -> ModelAnswer:
    """Return an agent's call of submit_result."""
    return called("submit_result", {"text": text})
