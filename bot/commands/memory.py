"""`/remember`, `/memory` and `/forget`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.commands.answer import Answer, Block, choice
from bot.commands.registry import Call
from bot.memory import told
from core.domain.choices import Choice
from core.domain.errors import BadInputError, FactIndexError
from core.domain.spoken import local
from core.memory.facts import relevant_facts
from core.memory.forgetting import forget as forget_fact
from core.memory.index.feeds import TALK
from core.memory.known import each_once
from core.memory.learning.remember import remember as remember_text
from core.memory.search.ranking import Found
from core.memory.turns import short

SHOWN, EARLIER = 10, 3
MEMORY_USAGE = "[QUERY | history FACT | list]"


async def remember(call: Call) -> Sequence[str]:
    """Remember what is written behind the command."""
    if not call.rest.strip():
        message = "Write what to remember: /remember the office is in Bonn"
        raise BadInputError(message)
    done = await remember_text(call.app.kernel, call.rest, "command", call.key)
    return [told.remembered(done)]


async def memory(call: Call) -> Sequence[Block]:
    """Search what is known, or list it, or show the history of a fact."""
    first = call.words[0].lower() if call.words else "list"
    if first == "list" and len(call.words) <= 1:
        facts = await told.newest(call.app, SHOWN)
        lines = [f"{one['id']}  {short(one['text'])}" for one in facts]
        text = "\n".join(lines) or "Nothing is remembered yet: /remember TEXT"
        return Answer([text], _offered([one["id"] for one in facts]))
    if first == "history" and len(call.words) == 2:  # noqa: PLR2004 - verb and id
        fact = await _id(call, call.words[1]) or call.words[1].upper()
        return [told.history_text(await told.history(call.app, fact))]
    return await _search(call)


def _offered(facts: Sequence[str]) -> list[list[Choice]]:
    """Return what may be done about facts: see what they replaced, forget them."""
    return [
        [
            *choice(f"History {fact}", "memory", "history", fact),
            *choice(f"Forget {fact}", "forget", f"{fact}?"),
        ]
        for fact in facts
    ]


async def _search(call: Call) -> Answer:
    knowledge, query = call.app.kernel.recall.knowledge, call.rest.strip()
    away: list[str] = []
    found: list[Found] = []
    said: list[Found] = []
    try:
        found = await knowledge.recall(query, SHOWN)
    except FactIndexError as error:
        away.append(f"Facts cannot be searched now (/memory list shows them). {error}")
    try:
        said = await knowledge.recall(query, 4 * EARLIER, TALK)
    except FactIndexError as error:
        away.append(f"What was said before cannot be searched now. {error}")
    talk = each_once([one for one in said if not one.entry.outside], query)[:EARLIER]
    lines = [
        f"{one.entry.id}  {short(one.entry.text)}{_outside(outside=one.entry.outside)}\n"
        f"    {_day(one.entry.at, call)}{_label(one.entry.label)}{'; '.join(one.reasons)}"
        for one in found
    ]
    before = [
        f"{one.entry.speaker}: {short(one.entry.text)}\n    {_day(one.entry.at, call)}"
        f"{'; '.join(one.reasons)}"
        for one in talk
    ]
    text = "\n".join([*away, *lines, *(["Said before:", *before] if before else [])])
    return Answer([text or "I have nothing on that."], _offered([one.entry.id for one in found]))


def _day(at: datetime | None, call: Call) -> str:
    return f"{local(at, call.app.kernel.zone):%Y-%m-%d}; " if at is not None else ""


def _label(label: str | None) -> str:
    return f"{short(label)}; " if label else ""


def _outside(*, outside: bool) -> str:
    return " (from outside)" if outside else ""


async def forget(call: Call) -> Sequence[Block]:
    """Forget facts by id, and erase their words; by anything else, ask which facts are meant."""
    if not call.words:
        return _which(await told.newest(call.app, SHOWN))
    if len(call.words) == 1 and call.words[0].endswith("?"):
        return await _sure(call, call.words[0].rstrip("?"))
    ids = [await _id(call, word) for word in call.words]
    named = all(word.isupper() and word.startswith("F") for word in call.words)
    if None in ids and not named and (meant := await _meant(call)):
        return _which(meant)
    said = []
    for fact, word in zip(ids, call.words, strict=True):
        done = await forget_fact(call.app.kernel, call.app.traces, fact or word.upper())
        said.append(told.forgotten(done)["said"])
    return said


async def _sure(call: Call, word: str) -> Answer:
    """Ask once more before a fact is forgotten: its words cannot be brought back."""
    fact = await _id(call, word) or word.upper()
    chain = await told.history(call.app, fact)
    text = next(str(one["text"]) for one in chain if one["id"] == fact)
    asked = (
        f"Forget {fact}? Its words are erased everywhere, for good: /forget {fact}\n{short(text)}"
    )
    return Answer([asked], [choice(f"Forget {fact} for good", "forget", fact)])


async def _meant(call: Call) -> list[dict[str, Any]]:
    """Return the facts that words have to do with, best first."""
    facts = await relevant_facts(
        call.app.kernel.recall.knowledge, call.app.kernel.rows, call.rest.strip(), SHOWN
    )
    return [{"id": one.id, "text": one.text, "outside": bool(one.sources)} for one in facts]


def _which(facts: Sequence[dict[str, Any]]) -> Answer:
    """Ask which of several facts is to be forgotten."""
    if not facts:
        message = "Nothing is remembered, so there is nothing to forget."
        raise BadInputError(message)
    lines = [
        f"{one['id']}  {short(one['text'])}{_outside(outside=one['outside'])}" for one in facts
    ]
    asked = [
        choice(
            f"Forget {one['id']}",
            "forget",
            f"{one['id']}?",
            title="from outside" if one["outside"] else one["text"],
        )
        for one in facts
    ]
    return Answer(["\n".join(["Which fact? /forget FACT", *lines])], asked)


async def _id(call: Call, word: str) -> str | None:
    """Return the id of a fact as it is known, in capitals or not; None for no fact."""
    for name in (word, word.upper()):
        if await call.app.kernel.rows.get("facts", name) is not None:
            return name
    return None
