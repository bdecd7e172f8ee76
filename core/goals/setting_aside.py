"""What fails twice for its own sake is set aside, so that it holds up nothing behind it.

A store or a chat that is out of reach is no reason for that: then all of it waits, and is tried
again. What is set aside is on the log, and the owner is told in one sentence.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import TypeVar

from core.domain.erasable import Erasable
from core.domain.errors import (
    AskOwnerError,
    EquerryError,
    StorageError,
    TransientError,
    is_passing,
)
from core.domain.events import NewEvent, Payload
from core.domain.events.aside import AsideKind, EventSetAside
from core.domain.events.gates import CardShown, CardUndeliverable
from core.domain.events.goals import GoalStarted, GoalStopped
from core.domain.events.messages import MessageUndeliverable
from core.domain.events.personal import ReminderCancelled
from core.goals.finishing import Replies
from core.goals.stop import ends_unread
from core.kernel import Kernel
from core.ports.read_models import Row
from core.telemetry.restored import name_goal

T = TypeVar("T")

FAILURES = 2
"""Once may be chance, such as a row that was written meanwhile; the same again is no chance."""

PASSING = (TransientError, AskOwnerError, StorageError, OSError, MemoryError)
"""What says nothing of the thing that was worked on: another one would have failed as well."""

NOTICE = "A"
"""What the ids of messages begin with that tell of something set aside."""

TITLE = 80
"""Characters of a text that the owner knows it by."""

GIVEN_UP = "it was set aside"

_NAMES: dict[AsideKind, str] = {
    "message": "your message",
    "goal": "the work on",
    "reminder": "the reminder",
    "outgoing": "a message to you",
    "card": "the card",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a conversation works on: its row, and what is done with it."""

    kind: AsideKind
    row: Row
    doing: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """What is left alone once it failed."""
        return self.kind, self.row.key

    @property
    def key(self) -> tuple[str, str, str]:
        """What is counted: to read a goal may do where to go on with it does not."""
        return self.kind, self.row.key, self.doing


class SettingAside:
    """Counts failures over all drains of a process; the count of a thing ends when it succeeds."""

    def __init__(self, kernel: Kernel, replies: Replies) -> None:
        """Take what messages to the owner are made with."""
        self._kernel, self._replies = kernel, replies
        self._failures: Counter[tuple[str, str, str]] = Counter()

    def succeeded(self, subject: Subject) -> None:
        """Forget what failed before."""
        self._failures.pop(subject.key, None)

    async def failed(self, subject: Subject, error: Exception) -> bool:
        """Count a failure; return whether the thing is set aside by now."""
        self._failures[subject.key] += 1
        logger.error("%s %s failed: %s", *subject.name, failure_text(error), exc_info=error)
        if self._failures[subject.key] < FAILURES:
            return False
        await self._set_aside(subject, error)
        self.succeeded(subject)
        return True

    async def _set_aside(self, subject: Subject, error: Exception) -> None:
        kernel, row = self._kernel, subject.row
        conversation = row.group or ""
        failed = kernel.redactor.text(failure_text(error))
        title = kernel.redactor.text(await self._title(subject))
        tells = subject.kind != "outgoing" or not row.key.startswith(NOTICE)
        notice = f"{NOTICE}{subject.kind}-{row.key}" if tells else ""
        payload = EventSetAside(
            conversation=conversation,
            kind=subject.kind,
            subject=row.key,
            title=Erasable.of(title),
            error=Erasable.of(failed),
            notice=notice,
        )
        key = f"aside:{subject.kind}:{row.key}"
        events = [
            NewEvent(stream=f"aside:{conversation}", payload=payload, key=key),
            *await self._ends(subject),
        ]
        if notice:
            text = aside_text(title, failed)
            events += self._replies.message(conversation, text, notice, kind="error")
        await kernel.log.append(events)

    async def _title(self, subject: Subject) -> str:
        """Return what the owner knows it by, in no words of others.

        Words that could not be sent are not told either: the telling would fail as well.
        """
        row, name = subject.row, _NAMES[subject.kind]
        ref = row.doc.get("title" if subject.kind == "goal" else "text")
        if subject.kind == "card":
            return f"{name} {row.doc.get('card', row.key)}"
        if subject.kind == "outgoing" or not isinstance(ref, dict) or row.doc.get("sources"):
            return f"{name} ({row.key})"
        values = await self._kernel.log.values([ref["ref"]])
        return f"{name} “{shorten(str(values.get(ref['ref'], row.key)), TITLE, placeholder=' …')}”"

    async def _ends(self, subject: Subject) -> list[NewEvent]:
        """Return the events that take a thing out of all that is worked on."""
        row, conversation = subject.row, subject.row.group or ""
        if subject.kind == "goal":
            reason = f"{row.key} was set aside"
            return await ends_unread(self._kernel, row, "equerry", reason)
        if subject.kind == "message":
            goal = await name_goal(self._kernel.rows, row.doc["position"])
            title = Erasable.of("a message that was set aside")
            started = GoalStarted(
                conversation=conversation, origin="message", title=title, messages=(row.key,)
            )
            stopped = GoalStopped(conversation=conversation, by="equerry", reason=GIVEN_UP)
            return [
                _of_goal(goal, started, key=f"start:{goal}"),
                _of_goal(goal, stopped, key=f"{goal}:end"),
            ]
        if subject.kind == "reminder":
            cancelled = ReminderCancelled(reminder=row.key)
            return [NewEvent(stream=f"reminder:{row.key}", payload=cancelled)]
        if subject.kind == "card":
            return [await self._card_ends(row)]
        gone = MessageUndeliverable(
            message=row.key,
            conversation=conversation,
            channel=conversation.partition(":")[0],
            error=GIVEN_UP,
        )
        return [NewEvent(stream=f"conversation:{conversation}", payload=gone)]

    async def _card_ends(self, row: Row) -> NewEvent:
        """Return the event by which a card counts as shown as it is, or as not to be shown."""
        name, conversation = str(row.doc.get("card", row.key)), row.group or ""
        channel = conversation.partition(":")[0]
        card = await self._kernel.rows.get("cards", name)
        payload: CardUndeliverable | CardShown = CardUndeliverable(
            card=name, conversation=conversation, channel=channel, error=GIVEN_UP, final=True
        )
        if card is not None and name == row.key:
            payload = CardShown(
                card=name,
                conversation=conversation,
                channel=channel,
                receipt=card.doc["shown"].get(channel, ""),
                state=card.doc["outcome"] or "open",
                results=len(card.doc.get("results", {})),
                draft=row.doc.get("draft", 0),
            )
        return NewEvent(stream=f"card:{name}", payload=payload, goal=row.doc.get("goal"))


class Attempts:
    """The attempts of one drain: what fails in it is left alone until the next one."""

    def __init__(self, aside: SettingAside) -> None:
        """Take what counts failures."""
        self._aside = aside
        self._left: set[tuple[str, str]] = set()
        self.error: Exception | None = None
        """What failed for the first time, so that the engine tries again."""

    def leaves(self, subject: Subject) -> bool:
        """Whether a thing failed in this drain."""
        return subject.name in self._left

    async def attempt(self, subject: Subject, work: Callable[[], Awaitable[T]]) -> T | None:
        """Do work on a thing; None where it fails, or failed before in this drain.

        Raises what says nothing of the thing: the store or a chat that cannot be reached.
        """
        if self.leaves(subject):
            return None
        try:
            done = await work()
        except PASSING:
            raise
        except Exception as error:
            if is_passing(error):
                raise
            self._left.add(subject.name)
            if not await self._aside.failed(subject, error):
                self.error = error
            return None
        self._aside.succeeded(subject)
        return done


def failure_text(error: Exception) -> str:
    """Say what failed: a sentence of ours, else the kind and the place, never the text of it."""
    if isinstance(error, EquerryError):
        return str(error).rstrip(".")
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def aside_text(title: str, error: str) -> str:
    """Say in one sentence what was set aside, and why."""
    return (
        f"I set {title} aside, because it failed twice ({error}), and go on with what came after "
        "it; /status lists it, and the log file says more."
    )


def _of_goal(goal: str, payload: Payload, key: str) -> NewEvent:
    return NewEvent(stream=f"goal:{goal}", payload=payload, goal=goal, key=key)
