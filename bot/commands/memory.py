"""`/remember`, `/memory` and `/forget`."""

from collections.abc import Sequence
from datetime import datetime

from bot.commands.registry import Call
from bot.memory import told
from core.domain.errors import BadInputError
from core.memory.forgetting import forget as forget_fact
from core.memory.index.feeds import TALK
from core.memory.known import each_once
from core.memory.learning.remember import remember as remember_text
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


async def memory(call: Call) -> Sequence[str]:
    """Search what is known, or list it, or show the history of a fact."""
    first = call.words[0].lower() if call.words else "list"
    if first == "list" and len(call.words) <= 1:
        facts = await told.newest(call.app, SHOWN)
        lines = [f"{one['id']}  {short(one['text'])}" for one in facts]
        return ["\n".join(lines) or "Nothing is remembered yet: /remember TEXT"]
    if first == "history" and len(call.words) == 2:  # noqa: PLR2004 - verb and id
        fact = await _id(call, call.words[1])
        return [told.history_text(await told.history(call.app, fact))]
    return [await _search(call)]


async def _search(call: Call) -> str:
    knowledge, query = call.app.kernel.recall.knowledge, call.rest.strip()
    found = await knowledge.recall(query, SHOWN)
    talk = each_once(await knowledge.recall(query, 4 * EARLIER, TALK), query)[:EARLIER]
    lines = [
        f"{one.entry.id}  {short(one.entry.text)}{_outside(outside=one.entry.outside)}\n"
        f"    {_day(one.entry.at, call)}{'; '.join(one.reasons)}"
        for one in found
    ]
    said = [
        f"{one.entry.speaker}: {short(one.entry.text)}\n    {_day(one.entry.at, call)}"
        f"{'; '.join(one.reasons)}"
        for one in talk
        if not one.entry.outside
    ]
    return "\n".join([*lines, *(["Said before:", *said] if said else [])]) or (
        "I have nothing on that."
    )


def _day(at: datetime | None, call: Call) -> str:
    return f"{at.astimezone(call.app.kernel.zone):%Y-%m-%d}; " if at is not None else ""


def _outside(*, outside: bool) -> str:
    return " (from outside)" if outside else ""


async def forget(call: Call) -> Sequence[str]:
    """Forget facts by id, and erase their words."""
    if not call.words:
        message = "Name the fact: /forget FACT. /memory QUERY finds it, with its id."
        raise BadInputError(message)
    said = []
    for word in call.words:
        done = await forget_fact(call.app.kernel, call.app.traces, await _id(call, word))
        said.append(told.forgotten(done)["said"])
    return said


async def _id(call: Call, word: str) -> str:
    """Return the id as it is written, or in capitals where only that is known."""
    known = await call.app.kernel.rows.get("facts", word)
    return word if known is not None else word.upper()
