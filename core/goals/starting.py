"""Starting: each turn of the owner becomes one goal, once, in order.

A turn is a message, or several that a surface lets settle and that were sent at about the same
time: people write in pieces, and chat apps send each picture of an album alone.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from core.domain.erasable import ERASED, Erasable
from core.domain.errors import VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.goals import GoalStarted
from core.domain.quotations import PLACE
from core.goals.setting_aside import Attempts, Subject
from core.kernel import Kernel
from core.ports.read_models import Row, RowQuery
from core.telemetry.restored import name_goal

MOST_AT_ONCE = 20
TOGETHER = timedelta(seconds=2)
"""Most time between two messages of a turn; chat apps tell it in whole seconds."""
LONGEST_WAIT = timedelta(minutes=1)
"""What would settle later was stamped by a wrong clock: surfaces let settle for a second or so."""
TITLE = 80
WORDLESS = {"picture": "a picture", "voice": "a voice message", "audio": "a recording"}


async def start_goals(
    kernel: Kernel, conversation: str, attempts: Attempts, left: Collection[str] = ()
) -> datetime | None:
    """Append `goal.started` for every turn that has settled, but for the messages that are `left`.

    Returns when the next one settles, None where none is left. The goal is named after the position
    of its first message, so a second start finds the stream taken.
    """
    query = RowQuery("messages", group=conversation, states=frozenset({"new"}), order="written")
    found = [row for row in await kernel.rows.find(query, limit=None) if row.key not in left]
    rows = sorted(found, key=lambda row: int(row.doc["position"]))
    now, values = kernel.clock.now(), await _texts(kernel, rows)
    for turn in turns(rows, _worded(values)):
        settled = max((row.due for row in turn if row.due), default=now)
        if now < settled <= now + LONGEST_WAIT:
            return settled
        worded = next((row for row in turn if values[row.key]), turn[0])
        title = _title(worded, values[worded.key], turn)
        start = partial(_start, kernel, conversation, turn, title)
        await attempts.attempt(Subject("message", turn[0]), start)
    return None


async def turns_of(kernel: Kernel, rows: Sequence[Row]) -> list[list[Row]]:
    """Return messages of one conversation, in their order, as turns."""
    return turns(rows, _worded(await _texts(kernel, rows)))


def _worded(values: Mapping[str, str]) -> frozenset[str]:
    return frozenset(key for key, text in values.items() if text)


async def _texts(kernel: Kernel, rows: Sequence[Row]) -> dict[str, str]:
    refs = {row.key: row.doc["text"]["ref"] for row in rows}
    values = await kernel.log.values(list(refs.values()))
    return {key: str(values.get(ref, ERASED)) for key, ref in refs.items()}


def _title(worded: Row, text: str, turn: Sequence[Row]) -> Erasable:
    """Return what a turn is about; a short message is its own title, which is stored once."""
    title = title_of(text)
    if title and title == text:
        return Erasable.model_validate({**worded.doc["text"], "value": text})
    files = [kind for row in turn for kind in row.doc["files"]]
    return Erasable.of(title or WORDLESS.get(files[0] if files else "", "a file"))


async def _start(kernel: Kernel, conversation: str, turn: Sequence[Row], title: Erasable) -> None:
    goal = await name_goal(kernel.rows, turn[0].doc["position"])
    started = GoalStarted(
        conversation=conversation,
        origin="message",
        title=title,
        messages=tuple(row.key for row in turn),
    )
    stream = f"goal:{goal}"
    event = NewEvent(
        stream=stream, payload=started, goal=goal, causation=turn[0].key, key=f"start:{goal}"
    )
    try:
        await kernel.log.append([event], expect={stream: 0})
    except VersionConflictError:
        return


def turns(rows: Sequence[Row], worded: frozenset[str] = frozenset()) -> list[list[Row]]:
    """Return new messages, in their order, as turns.

    What is written with a file means that file: two such messages, of those that are `worded`, are
    two turns.
    """
    captioned = frozenset(row.key for row in rows if row.doc["files"]) & worded
    found = [[row] for row in rows[:1]]
    for before, row in pairwise(rows):
        second = row.key in captioned and any(one.key in captioned for one in found[-1])
        if _together(before, row) and len(found[-1]) < MOST_AT_ONCE and not second:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _together(before: Row, row: Row) -> bool:
    """Whether a message came before the one in front of it had settled, and soon after it."""
    settles = before.doc["settles"]  # also of what was held for long, and is due no more
    if settles is None or row.doc["settles"] is None:
        return False
    came = datetime.fromisoformat(row.doc["at"]) <= datetime.fromisoformat(settles)
    sent = [datetime.fromisoformat(one.doc["sent_at"]) for one in (before, row)]
    return came and sent[1] - sent[0] <= TOGETHER


def title_of(text: str) -> str:
    """Return the first line of a text that is no quoted block's name, cut to 80 characters."""
    lines = (line.strip() for line in text.strip().splitlines())
    line = next((one for one in lines if not PLACE.fullmatch(one)), "")
    return line if len(line) <= TITLE else f"{line[: TITLE - 1]}…"
