"""What is private in a plan: the values its planner wrote that the owner did not write here."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any

from core.agents.addresses import addresses
from core.agents.sides import choose_side
from core.domain.canonical import canonical
from core.domain.cards import CardItem
from core.domain.erasable import Erasable
from core.domain.events.goals import Carried
from core.domain.plan import Plan, PlannedTask
from core.domain.private_values import Held, Leak, PrivateValues
from core.domain.sources import Private, Source
from core.domain.templates import reworded, without_references
from core.gates.outflow import host_of, same_site
from core.goals.reading import readable
from core.goals.state import GoalState
from core.goals.taking_in import transcript_of
from core.kernel import Kernel
from core.memory.answered import TRUSTED
from core.memory.facts import facts_if_there, known_facts
from core.memory.search.words import stems
from core.memory.turns import short
from core.ports.action import Action, ActionArgs
from core.ports.read_models import RowQuery

OWN_TURNS = 1000
"""Turns of a conversation in which the owner's words are looked for; beyond it is asked instead."""
FACTS = 24
"""Facts that are compared with what would go out: as many as a prompt has at the most."""

_SITE = re.compile(r"(?<![\w@.-])(?:[\w-]+\.)+[a-zA-Z]{2,}(?![\w@-])")


async def carried(
    kernel: Kernel, state: GoalState, plan: Plan, held: Sequence[Held], said: str
) -> tuple[Carried, ...]:
    """Return the private values in a plan that the owner did not write in this conversation.

    `held` are the private texts of the planner's prompt, `said` the words that it answers. Where
    something may go out, facts that fit it are compared as well: a planner may know them from what
    was said before.
    """
    texts = list(_texts(plan))
    out = [text for task, _, text in texts if goes_out(kernel, plan, task)]
    known = [*held, *await _facts(kernel, "\n".join(out))] if out else [*held]
    today = f"{kernel.clock.now().astimezone(kernel.zone):%Y-%m-%d}"
    found = await asyncio.to_thread(_found, known, said, today, texts)
    if not found:
        return ()
    own = f"{said}\n{await own_words(kernel, state.conversation)}"
    found = await asyncio.to_thread(_found, known, own, today, texts)
    return tuple(
        Carried(
            task=task,
            argument=argument,
            source=leak.source,
            told=Erasable.of(kernel.redactor.redact({"value": leak.value, "text": leak.text})),
        )
        for task, argument, leak in found
    )


def goes_out(kernel: Kernel, plan: Plan, task: str) -> bool:
    """Return whether a task reaches others by itself: by its action, or because its agent reads."""
    planned = next(one for one in plan.tasks if one.id == task)
    if planned.action is None:
        return reads_outside(kernel, planned)
    return kernel.actions.get(planned.action).public_sink


def reads_outside(kernel: Kernel, task: PlannedTask) -> bool:
    """Return whether an agent's task is a loop that reads what others wrote."""
    question = str(task.input.get("question", ""))
    roams = task.agent in kernel.agents.roaming()
    return roams and choose_side(question, readable(kernel)).name == "outside"


async def own_words(kernel: Kernel, conversation: str) -> str:
    """Return what the owner wrote in a conversation, without what he forwarded."""
    query = RowQuery("window", group=conversation, order="written", newest_first=True)
    rows = await kernel.rows.find(query, limit=OWN_TURNS)
    mine = [row for row in rows if row.doc["who"] == "owner" and row.doc["trusted"]]
    values = await kernel.log.values([row.doc["text"]["ref"] for row in mine])
    return "\n".join(str(text) for text in values.values() if text)


def named_hosts(words: str) -> frozenset[str]:
    """Return the sites that a text names, as addresses or by their names alone."""
    hosts = {host_of(url) for url in addresses(words)}
    hosts |= {host_of(f"https://{found}") for found in _SITE.findall(words)}
    return frozenset(host for found in hosts for host in same_site(found))


def _found(
    held: Sequence[Held], said: str, today: str, texts: Sequence[tuple[str, str, str]]
) -> list[tuple[str, str, Leak]]:
    values = PrivateValues(held, said, today)
    return [(task, name, leak) for task, name, text in texts for leak in values.find(text)]


def _texts(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Yield the task, the argument and the words of all that a planner wrote into a plan."""
    for task in plan.tasks:
        given: dict[str, Any] = task.args if task.action is not None else task.input
        for name, value in given.items():
            plain = reworded(value, without_references)
            yield task.id, name, plain if isinstance(plain, str) else canonical(plain)


async def _facts(kernel: Kernel, text: str) -> list[Held]:
    facts = await facts_if_there(kernel.recall.knowledge, kernel.rows, text, FACTS)
    if facts is None:  # no fault of an index lets a private value out unasked
        wanted = set(stems(text))
        every = await known_facts(kernel.log, kernel.rows, None)
        facts = [fact for fact in every if not wanted.isdisjoint(stems(fact.text))]
    return [Held(source=Source(kind="fact", ref=fact.id), text=fact.text) for fact in facts]


async def must_ask(kernel: Kernel, state: GoalState, private: Private) -> bool:
    """Return whether an agent's work needs the owner.

    In a tainted plan all of it does; elsewhere a loop that could tell others what is `private`,
    where he named no site for it to keep to.
    """
    if state.plan_sources:
        return True
    return bool(private) and not named_hosts(await goal_words(kernel, state))


async def goal_words(kernel: Kernel, state: GoalState) -> str:
    """Return the owner's own words that a goal answers."""
    names = (*state.messages, *(transcript_of(message) for message in state.messages))
    rows = [await kernel.rows.get("messages", name) for name in names]
    refs = [row.doc["text"]["ref"] for row in rows if row is not None and row.state in TRUSTED]
    values = await kernel.log.values(refs)
    return "\n".join(str(text) for text in values.values() if text)


def with_private(
    item: CardItem, carries: Sequence[Carried], action: Action[Any], args: ActionArgs
) -> CardItem:
    """Return an item of a card that says which private values would go out, and to whom."""
    if not item.ruling.private:
        return item
    written = [one for one in carries if one.source in item.ruling.private]
    lines = [
        f"- “{one.value}” in {one.argument}, from the {one.source.told}: “{short(one.text)}”"
        for one in written
    ]
    named = {one.source for one in written}
    lines += [f"- {source.told}" for source in item.ruling.private if source not in named]
    told = "\n".join([f"Private, and would go to {action.reaches(args)}:", *lines])
    body = f"{told}\n{item.body.text}".strip()
    return item.model_copy(update={"body": Erasable.of(body)})
