"""The summaries in a prompt: the points that fit the message, as new as the last turn.

A turn that has left the window and is in no version yet is summarised here, by rules, in passing:
so nothing is missing however late the compactor is.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.base import Frozen
from core.log.reading import every_event
from core.memory.search.words import stems as words
from core.memory.summaries.bullets import SECTIONS, Bullet, parse
from core.memory.summaries.rules import DAY, Said, merged, points, said_in
from core.memory.summaries.scopes import PROJECT, conversation_scope
from core.memory.summaries.versions import Version, Versions
from core.memory.turns import BESIDE, CHARS_PER_TOKEN, KEPT, Turn
from core.ports.event_log import EventLog, EventQuery
from core.ports.read_models import ReadModels

TOKENS = 150
RECEIVED = "message.received.v1"
_WORD = re.compile(r"[^\W_]+")
_LABELS = dict(zip(SECTIONS, ("decided", "why", "open", "worked"), strict=True))


class SummaryLine(Frozen):
    """A line of a prompt, and the version it stands in; `outside`: it is a handle only."""

    text: str
    ref: str
    outside: bool = False


class Summaries:
    """Finds the points of summaries that a prompt should have."""

    def __init__(self, log: EventLog, rows: ReadModels) -> None:
        """Read from `rows`, with texts from `log`."""
        self._log, self._versions = log, Versions(log, rows)

    async def lines(
        self, conversation: str, text: str, turns: Sequence[Turn], first: int
    ) -> list[SummaryLine]:
        """Return the points for a message.

        `turns` are the newest that are at hand; those before position `first` left the window.
        """
        scope = conversation_scope(conversation)
        current = await self._versions.current(scope)
        until = current.until if current else 0
        said = await self._unsummarised(conversation, turns, (until, first))
        found = [await asyncio.to_thread(_points, current, said, scope)]
        found += [_points(version) for version in await _named(self._versions, text)]
        lines = [line for own, _ in found for line in own]
        fitting = await asyncio.to_thread(_fitting, lines, text)
        return [*fitting, *(handle for _, own in found for handle in own)]

    async def _unsummarised(
        self, conversation: str, turns: Sequence[Turn], between: tuple[int, int]
    ) -> list[Said]:
        """Return what the owner said in turns that left the window and are in no version yet."""
        until, first = between
        if len(turns) < KEPT or turns[0].position <= until:
            return _said([turn for turn in turns if until < turn.position < first])
        query = EventQuery(stream=f"conversation:{conversation}", after=until)
        events = await every_event(self._log, replace(query, type=RECEIVED))
        return [one for event in events if event.position < first for one in said_in(event)]


def _points(
    version: Version | None, said: Sequence[Said] = (), scope: str = ""
) -> tuple[list[tuple[Bullet, str]], list[SummaryLine]]:
    """Return the points of a version with what was said since; a handle where one must do."""
    ref = f"{version.scope}@v{version.version}" if version else f"{scope}@v0"
    known = parse(version.text) if version else []
    handles = []
    if version is not None and version.sources:
        told = f"[{ref}] a summary made from outside text"
        known, handles = [], [SummaryLine(text=told, ref=ref, outside=True)]
    return [(bullet, ref) for bullet in merged(known, points(said))], handles


async def _named(versions: Versions, text: str) -> list[Version]:
    """Return the summaries of the projects that a message names."""
    plain = f" {' '.join(_WORD.findall(text.casefold()))} "
    found = []
    for row in await versions.projects():
        name = " ".join(_WORD.findall(row.key.removeprefix(PROJECT)))
        if name and f" {name} " in plain and (current := await versions.current(row.key)):
            found.append(current)
    return found


def _said(turns: Sequence[Turn]) -> list[Said]:
    return [
        Said(ref=turn.message, text=turn.text, at=turn.at[:DAY])
        for turn in turns
        if turn.who == "owner" and turn.trusted and turn.text
    ]


def _fitting(lines: Sequence[tuple[Bullet, str]], text: str) -> list[SummaryLine]:
    """Return the points that share words with the message, then the newest, while there is room."""
    wanted = set(words(text))
    ranked = sorted(
        range(len(lines)),
        key=lambda number: (len(wanted & set(words(lines[number][0].text))), number),
        reverse=True,
    )
    room, kept = TOKENS * CHARS_PER_TOKEN, list[int]()
    for number in ranked:
        room -= len(_line(lines[number][0])) + BESIDE
        if room < 0:
            break
        kept.append(number)
    return [SummaryLine(text=_line(lines[n][0]), ref=lines[n][1]) for n in sorted(kept)]


def _line(bullet: Bullet) -> str:
    return f"{_LABELS[bullet.section]} {bullet.line}"
