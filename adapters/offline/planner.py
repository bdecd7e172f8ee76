"""From the owner's words to a plan or an answer, by rules alone."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from adapters.offline import facts, mail, notes, passing_on, reminders, talk, todos
from adapters.offline.context import Context
from adapters.offline.moves import Ask, Do, Move, Rule, Say, TimeWords
from adapters.offline.segments import Segment, segments
from adapters.offline.wording import plain
from core.domain.errors import BadInputError
from core.domain.templates import references

RULES: Final[tuple[Rule, ...]] = (
    *talk.RULES,
    *passing_on.RULES,
    *mail.RULES,
    *reminders.RULES,
    *todos.RULES,
    *facts.RULES,
    *notes.RULES,
    *facts.LATE_RULES,
    *todos.LATE_RULES,
)
LONGEST: Final = 10_000
"""Characters of a message; the rules search back and forth in it."""
_WIDEST: Final = 64
_GAP: Final = re.compile(rf"\s{{{_WIDEST},}}")
_TITLE: Final = 120
_BRACES: Final = (
    "I cannot take over text with double braces ({{ … }}): they stand for the output of a task."
)


@dataclass(frozen=True, slots=True)
class Step:
    """One request and what it becomes."""

    segment: Segment
    move: Move


def decide(text: str, context: Context, times: TimeWords) -> dict[str, Any] | str:
    """Return the plan (what `submit_plan` takes) or the text that answers the message."""
    if len(text) > LONGEST:
        return f"That is {len(text):,} characters; without a model I take up to {LONGEST:,}."
    text = _GAP.sub(lambda gap: gap[0][:_WIDEST], text)
    found = segments(text) or [Segment(text)]
    steps = [_safe(Step(part, _move(part.text, context, times))) for part in found]
    if not any(isinstance(step.move, Do) for step in steps):
        return _said(steps, context)
    return _plan(steps, context)


def _move(text: str, context: Context, times: TimeWords) -> Move:
    ask = Ask(plain(text), context, times)
    try:
        for rule in RULES:
            if move := rule(ask):
                return move
    except BadInputError as error:
        return Say(str(error), honest=True)
    return talk.unknown(ask)


def _safe(step: Step) -> Step:
    move = step.move
    if isinstance(move, Do) and references(move.args) and not move.passes_on:
        return Step(step.segment, Say(_BRACES, honest=True))
    return step


def _said(steps: list[Step], context: Context) -> str:
    says = [step.move for step in steps if isinstance(step.move, Say)]
    text = "\n\n".join(dict.fromkeys(say.text for say in says))
    if context.fallback and any(say.honest for say in says):
        return f"{context.fallback.rstrip(' .')}.\n{text}"
    return text


def _plan(steps: list[Step], context: Context) -> dict[str, Any]:
    tasks = [_task(number, step) for number, step in enumerate(_doing(steps), 1)]
    waiting = [step.segment.after for step in _doing(steps)]
    for (before, task), after in zip(pairwise(tasks), waiting[1:], strict=True):
        task["needs"] = [before["id"]] if after else []
    titles = "; ".join(step.move.title for step in _doing(steps) if isinstance(step.move, Do))
    saying = [step for step in steps if isinstance(step.move, Say)]
    if saying:
        tasks.append(_answer(tasks, steps, _said(saying, context)))
    title = titles if len(titles) <= _TITLE else f"{titles[: _TITLE - 1].rstrip()}…"
    return {"title": title, "project": None, "tasks": tasks}


def _doing(steps: list[Step]) -> list[Step]:
    return [step for step in steps if isinstance(step.move, Do)]


def _task(number: int, step: Step) -> dict[str, Any]:
    move = step.move
    if not isinstance(move, Do):
        message = "Only something to do becomes a task."
        raise TypeError(message)
    return {
        "id": f"t{number}",
        "agent": "executor",
        "input": {"action": move.action, "args": move.args},
        "needs": [],
        "confidence": move.confidence,
        "why": "",
    }


def _answer(tasks: list[dict[str, Any]], steps: list[Step], text: str) -> dict[str, Any]:
    """Return the task that tells what was done and answers the rest of the message."""
    titles = [step.move.title for step in _doing(steps) if isinstance(step.move, Do)]
    done = {
        title: f"{{{{ {task['id']} }}}}"
        for title, task in zip(titles, tasks, strict=True)
        if not references(title)
    }
    return {
        "id": "reply",
        "agent": "assistant",
        "input": {
            "instruction": "Tell the owner what was done, then give the answer as it is.",
            "inputs": {"done": done, "answer": text},
        },
        "needs": [task["id"] for task in tasks],
        "confidence": 1.0,
        "why": "the rest of the message asks for an answer",
    }
