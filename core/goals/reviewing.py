"""Content is reviewed before it leaves: rules and a rubric, one more draft, or the owner's eye."""

import asyncio

from core.agents.brand_rules import brand_rubric
from core.agents.schemas import Review, ReviewInput
from core.domain.canonical import canonical
from core.domain.erasable import Erasable
from core.domain.errors import RefusedError, StorageError
from core.domain.events import NewEvent
from core.domain.events.goals import TaskReviewed
from core.domain.sources import Private, Source, Taint, merged
from core.domain.templates import references, resolve
from core.goals.agent_task import called_by, in_time
from core.goals.cases import Case, prepare
from core.goals.finishing import Replies
from core.goals.planning import asked
from core.goals.state import GoalState, TaskState
from core.goals.workbench import Work
from core.kernel import Kernel
from core.memory.facts import facts_if_there
from core.ports.chat_surface import Progress

REVIEWER = "reviewer"
MOST, LONGEST = 8, 300
"""Reasons of a review, and characters of each: what fits on a card beside the draft."""
RUBRIC = """\
The owner asked: {asked}
This goes out by {action} as: {args}
Pass it when it does what was asked, claims nothing that its sources do not hold, tells the
receiver nothing that is not meant for them, is polite and finished, with nothing left to fill in.
"""


async def review_task(kernel: Kernel, replies: Replies, state: GoalState, task: TaskState) -> None:
    """Append what the review of an operation's content came to.

    A text that can be put right goes back to its writer, once; the owner's own words never do.
    """
    try:
        case = await asyncio.to_thread(prepare, kernel, state, task)
    except RefusedError:
        # The gate says what is wrong with the arguments.
        await _append(kernel, state, task, Review(verdict="pass"), ())
        return
    heard = merged(state.plan_sources, case.control, case.content)
    if case.action.impact(case.args) != "high":
        await _append(kernel, state, task, Review(verdict="pass"), heard)
        return
    kernel.progress(Progress(state.conversation, state.id, status="reviewing"))
    words = await asked(kernel, state)
    review, facts = await _reviewed(kernel, replies, state, (task, case, words, heard))
    private = merged(*case.private.values(), facts)
    if review.verdict != "pass" and own_words(case, words):
        review = Review(verdict="pass", reasons=review.reasons)
    await _append(kernel, state, task, review, heard, private)


async def _reviewed(
    kernel: Kernel,
    replies: Replies,
    state: GoalState,
    what: tuple[TaskState, Case, str, Taint],
) -> tuple[Review, Private]:
    """Return the review, and what of the owner's own the reviewer was shown."""
    task, case, words, heard = what
    private: Private = ()
    try:
        sources, private = await _sources(kernel, state, task, case, words)
        contract = called_by(kernel.agents.get(REVIEWER), "goal")
        given = ReviewInput(
            text=content(case),
            rubric=_rubric(kernel, case, words),
            sources=sources,
        )
        work = Work(kernel, replies, state, contract, resumed=True)
        outcome = await in_time(kernel, work.bench(given, heard))
        return Review.model_validate(outcome.output.model_dump()), private
    except StorageError:
        raise
    except (RefusedError, ValueError) as error:
        plain = error.plain if isinstance(error, RefusedError) else ""
        reason = f"it could not be reviewed: {plain or error}"
        return Review(verdict="escalate", reasons=(reason,)), private


async def _append(
    kernel: Kernel,
    state: GoalState,
    task: TaskState,
    review: Review,
    heard: Taint,
    private: Private = (),
) -> None:
    verdict, writer = review.verdict, writer_of(kernel, state, task)
    if verdict == "revise" and (writer is None or task.round):
        verdict, writer = "escalate", None
    reasons = [_short(kernel.redactor.text(reason)) for reason in review.reasons[:MOST]]
    if (more := len(review.reasons) - MOST) > 0:
        reasons.append(f"and {more} more")
    payload = TaskReviewed(
        task=task.planned.id,
        verdict=verdict,
        reasons=Erasable.of(reasons),
        round=task.round + 1,
        rewrite=writer if verdict == "revise" else None,
        sources=heard,
        private=private,
    )
    event = NewEvent(
        stream=f"goal:{state.id}",
        payload=payload,
        goal=state.id,
        actor=REVIEWER,
        key=f"review:{state.id}:{task.planned.id}:{task.round + 1}",
    )
    await kernel.log.append([event])


def _short(reason: str) -> str:
    return reason if len(reason) <= LONGEST else f"{reason[:LONGEST]} … (cut)"


def _rubric(kernel: Kernel, case: Case, words: str) -> str:
    args = canonical(_rest(case))
    return RUBRIC.format(asked=words, action=case.action.name, args=args) + brand_rubric(
        kernel.profile.brand_rules
    )


def content(case: Case) -> str:
    """Return the text that leaves."""
    texts = [case.wire[name] for name in case.wire if name in case.action.leaves]
    return "\n\n".join(text if isinstance(text, str) else canonical(text) for text in texts)


def own_words(case: Case, words: str) -> bool:
    """Return whether the content that leaves stands word by word in what the owner wrote."""
    said = _flat(words)
    names = case.action.leaves - case.action.control
    texts = [_flat(str(case.wire[name])) for name in names if case.wire.get(name)]
    return bool(texts) and all(text in said for text in texts)


def writer_of(kernel: Kernel, state: GoalState, task: TaskState) -> str | None:
    """Return the assistant's task that the content comes from, None where nobody wrote it."""
    leaves = kernel.actions.get(task.planned.action or "").leaves
    texts = {name: text for name, text in task.planned.args.items() if name in leaves}
    written = (name for name in sorted(references(texts)) if name in state.tasks)
    return next((n for n in written if state.tasks[n].planned.agent == "assistant"), None)


async def _sources(
    kernel: Kernel, state: GoalState, task: TaskState, case: Case, words: str
) -> tuple[list[object], Private]:
    """Return what the content may rest on: the owner's words and facts, and what went into it.

    Beside it comes what of the owner's own is among it.

    Content with outside text in it gets no facts beside it: it could have them told to somebody.
    """
    private: Private = ()
    found: list[object] = [words, kernel.recall.owner, _rest(case)]
    if not merged(state.plan_sources, case.control, case.content):
        # While facts cannot be searched there are none: the writer had none of them either.
        facts = await facts_if_there(
            kernel.recall.knowledge, kernel.rows, f"{words}\n{content(case)}"
        )
        own = [fact for fact in facts or () if not fact.sources]
        found += [fact.text for fact in own]
        private = tuple(Source(kind="fact", ref=fact.id) for fact in own)
    for name in sorted(references(task.planned.args)):
        other, text = state.tasks.get(name), state.outputs().get(name)
        if other and other.planned.agent == "assistant":
            found.append(resolve(other.planned.input, state.outputs()).args)
        elif text is not None:
            found.append(text.value)
    return found, private


def _rest(case: Case) -> dict[str, object]:
    return {name: value for name, value in case.wire.items() if name not in case.action.leaves}


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
