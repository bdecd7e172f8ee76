"""Taking in the files that came with messages: fetched, kept, read; speech is written down.

It is part of planning, so that the goal pays for what a model writes down. A file is kept by its
content before the event that says so, and read again where a crash came between.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from core.agents.transcribing import transcribe
from core.domain.erasable import Erasable
from core.domain.errors import (
    OutcomeUnknownError,
    RefusedError,
    StorageError,
    TransientError,
)
from core.domain.events import NewEvent, Payload
from core.domain.events.attachments import AttachmentFailed, AttachmentRead
from core.domain.events.messages import MessageReceived
from core.domain.inbound import Attachment
from core.goals.intake import clean
from core.goals.state import GoalState
from core.kernel import Kernel
from core.memory.at_hand import files_of, kind_of
from core.ports.chat_surface import ChatSurface, Progress
from core.ports.documents import ReadText
from core.ports.read_models import Row, RowQuery
from core.ports.transcriber import Sound
from core.projections.goals import OPEN

LEFT = frozenset({"new", "held", "replaced"})
"""States of messages that are yet to be begun, or that another one stands for."""
LOOK_S = 1.0
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
LONGEST_FETCH_PAUSE_S = 60.0
"""A file is fetched while its message waits to be answered: a longer wish is not heeded."""

logger = logging.getLogger(__name__)


async def take_in(kernel: Kernel, state: GoalState) -> None:
    """Fetch and read every file of the conversation that was not yet, oldest first.

    What another goal is to begin with is left to that one, which pays for it.
    Raises BudgetExceededError where writing down speech would pass a cap.
    """
    query = RowQuery(
        "attachments",
        group=state.conversation,
        states=frozenset({"pending"}),
    )
    rows = await kernel.rows.find(query, limit=None)
    meant = await _meant(kernel, state)
    for row in sorted(rows, key=lambda row: int(row.doc["position"])):
        if row.doc["message"] not in meant and await _is_left(kernel, row.doc["message"]):
            continue
        kernel.progress(Progress(state.conversation, state.id, status=f"reading {kind_of(row)}"))
        await _One(kernel, state, row).take()


async def _meant(kernel: Kernel, state: GoalState) -> frozenset[str]:
    """Return the messages of a goal, and those that they reply to."""
    rows = [await kernel.rows.get("messages", name) for name in state.messages]
    replied = {row.doc.get("replies_to") for row in rows if row is not None}
    return frozenset({*state.messages, *(name for name in replied if name)})


async def _is_left(kernel: Kernel, message: str) -> bool:
    """Return whether what came with a message is left alone by goals that do not mean it.

    Another one is to begin with it, or it waits for the owner's word: it was held as one of many
    from a time of absence, or put aside and not even to be summed up.
    """
    row = await kernel.rows.get("messages", message)
    if row is None or row.state in LEFT:
        return row is not None
    if row.state == "aside":
        return not row.doc.get("summed_up")
    goal = await kernel.rows.get("goals", row.doc["goal"] or "")
    return goal is not None and goal.state in OPEN and not goal.doc["planned"]


async def came_with(kernel: Kernel, state: GoalState) -> list[Row]:
    """Return the files that came with the messages of a goal, in their order."""
    mine = [row for name in state.messages for row in await files_of(kernel.rows, name)]
    return sorted(mine, key=lambda row: (int(row.doc["position"]), row.key))


def transcript_of(message: str) -> str:
    """Name the message that holds the words of a voice message."""
    return f"{message}v"


@dataclass(frozen=True, slots=True)
class _One:
    """One file on its way in, for the goal that needs it."""

    kernel: Kernel
    state: GoalState
    row: Row

    async def take(self) -> None:
        digest = None
        try:
            data = await self._fetched()
            digest = await self.kernel.blobs.put(data)
            read = await self._read(data)
        except (StorageError, OutcomeUnknownError):
            raise
        except (RefusedError, TransientError) as error:
            await self.kernel.log.append([self._failed(str(error), digest)])
            return
        await self.kernel.log.append([self._done(read, digest, len(data)), *self._spoken(read)])
        if self._is_own_voice:
            await self.kernel.recall.windows.forget(self.state.conversation)

    @property
    def _is_own_voice(self) -> bool:
        return self.row.doc["kind"] == "voice" and not self.row.doc["forwarded"]

    async def _fetched(self) -> bytes:
        """Return the bytes, however long the surface takes to be there; tried some times."""
        wanted = Attachment.model_validate(
            {name: self.row.doc[name] for name in Attachment.model_fields}
        )
        for pause in PAUSES_S:
            surface = await self._surface()
            try:
                return await surface.fetch(wanted)
            except (TransientError, OutcomeUnknownError) as error:
                logger.info("a file was not fetched: %s", error)
                asked = getattr(error, "retry_after", None) or pause
                await self.kernel.clock.sleep(min(asked, LONGEST_FETCH_PAUSE_S))
        message = "The file could not be fetched, however often I tried; send it again, please."
        raise RefusedError(message)

    async def _surface(self) -> ChatSurface:
        while (surface := self.kernel.surface(self.state.conversation)) is None:
            await self.kernel.clock.sleep(LOOK_S)
        return surface

    async def _read(self, data: bytes) -> ReadText:
        doc = self.row.doc
        if doc["kind"] == "picture":
            return ReadText(title="", text="")
        if doc["kind"] in {"voice", "audio"}:
            sound = Sound(
                data=data,
                name=doc["name"],
                media_type=doc["media_type"],
                seconds=float(doc["seconds"]),
            )
            text = await transcribe(self.kernel, self.state.id, sound)
            return ReadText(title="", text=text)
        return await self.kernel.documents.read(doc["name"], doc["media_type"], data)

    def _done(self, read: ReadText, digest: str, size: int) -> NewEvent:
        redact = self.kernel.redactor.text
        text = redact(clean(read.text))
        payload = AttachmentRead(
            attachment=self.row.key,
            message=self.row.doc["message"],
            conversation=self.state.conversation,
            kind=self.row.doc["kind"],
            digest=digest,
            size=size,
            title=Erasable.of(redact(clean(read.title))),
            text=Erasable.of(text),
            characters=len(text),
            note=redact(clean(read.note)),
        )
        return self._event(payload, f"attachment:{self.row.key}")

    def _spoken(self, read: ReadText) -> list[NewEvent]:
        """Return the words of the owner's own voice as a message of theirs."""
        if not self._is_own_voice:
            return []
        doc = self.row.doc
        message = transcript_of(doc["message"])
        payload = MessageReceived(
            message=message,
            channel=self.state.conversation.partition(":")[0],
            conversation=self.state.conversation,
            sender="owner",
            owner=True,
            text=Erasable.of(self.kernel.redactor.text(clean(read.text))),
            sent_at=datetime.fromisoformat(doc["at"]),
            written_from=doc["message"],
        )
        return [self._event(payload, f"transcript:{message}", actor="owner")]

    def _failed(self, error: str, digest: str | None) -> NewEvent:
        payload = AttachmentFailed(
            attachment=self.row.key,
            message=self.row.doc["message"],
            conversation=self.state.conversation,
            error=self.kernel.redactor.text(error),
            digest=digest,
        )
        return self._event(payload, f"attachment:{self.row.key}")

    def _event(self, payload: Payload, key: str, actor: str = "equerry") -> NewEvent:
        stream = f"conversation:{self.state.conversation}"
        return NewEvent(stream=stream, payload=payload, goal=self.state.id, actor=actor, key=key)
