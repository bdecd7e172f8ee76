"""A log that went backwards: entered once, durable, until the owner says go.

Whatever was asked, allowed or begun before that may have gone further on the log that is lost, so
each of these asks once more, also after the go; timers wait for the go.
"""

from dataclasses import dataclass
from datetime import datetime

from core.domain.events import NewEvent, stamp
from core.domain.events.holds import LogAccepted, LogRestored
from core.domain.ids import goal_id, letters
from core.domain.own_words import Own
from core.ports.anchor import Doubt
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels
from core.projections.holds import HELD, LOG

STREAM = "restored"
NOBODY = "clock"
"""Who enters it: nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Restored:
    """When the log went backwards last; `position` 0 where it never did."""

    position: int = 0
    held: bool = False
    ended: int = 0
    anchored: int = 0
    anchored_at: str = ""
    why: str = ""
    at: str = ""

    def before(self, position: int) -> bool:
        """Whether an event is from before, so that what came of it is unknown."""
        return position <= self.position

    @property
    def letters(self) -> str:
        """Letters that the goals from then on have in their names; none where it never did."""
        return letters(self.at, str(self.anchored), self.why) if self.position else ""

    @property
    def happened(self) -> str:
        """What happened to the log, in a sentence."""
        if self.why == "restore":
            return f"The log was restored from a backup that ended at event {self.ended}."
        at = f" ({_minute(self.anchored_at)} UTC)" if self.anchored_at else ""
        reached = f"its anchor had reached event {self.anchored}{at}"
        if self.why == "behind":
            return f"The log went backwards: {reached}, and this one ended at event {self.ended}."
        return f"The log is not the one it was: {reached}, which this one does not have."

    @property
    def asks(self) -> str:
        """What an old question has to say before it is asked once more."""
        return (
            f"{self.happened} What came after this was asked is unknown here, so it may have been "
            "done already: look before you accept."
        )

    @property
    def line(self) -> str:
        """What is held, and how it goes on, in a line."""
        return Own(
            f"Restored: {self.happened} What happened since is unknown here: reminders wait, "
            "cards from before ask once more before anything is done, and what was begun is "
            "looked up or asked about. Permissions from before are not used. What you revoked, "
            "forgot, paused or spent since is as it was then (/grants, /cost). /resume (or `verify "
            "--accept`) lets reminders and permissions go on."
        )


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


NEVER = Restored()


async def restored(rows: ReadModels) -> Restored:
    """Return when the log went backwards last."""
    row = await rows.get("holds", LOG)
    if row is None:
        return NEVER
    doc = row.doc
    return Restored(
        position=doc["position"],
        held=row.state == HELD,
        ended=doc["ended"],
        anchored=doc["anchored"],
        anchored_at=doc["anchored_at"],
        why=doc["why"],
        at=doc["at"],
    )


async def name_goal(rows: ReadModels, position: int) -> str:
    """Name the goal that the event at `position` starts.

    A log that went backwards counts positions anew, and everything that is to happen once is known
    by a marker of its goal: to journals, mail servers and other sides that remember the log which
    is lost. So goals from then on have letters in their names. One that was asked for before has
    the name that it had: what became of it is found by that.
    """
    since = await restored(rows)
    return goal_id(position, "" if since.before(position) else since.letters)


async def enter_restored(log: EventLog, payload: LogRestored, key: str | None = None) -> bool:
    """Write down that the log went backwards; return whether that is news.

    The same `key` enters once. `restore` enters with `why` "restore" and the end of its archive.
    """
    event = NewEvent(stream=STREAM, payload=payload, actor=NOBODY, key=key)
    return not (await log.append([event])).duplicate


async def enter_for(log: EventLog, doubt: Doubt) -> bool:
    """Enter because of what an anchor said; the same anchor once, however often it is compared."""
    mark = doubt.mark
    try:  # an anchor that somebody else signed may say anything
        at = stamp(datetime.fromisoformat(mark.at))
    except ValueError:
        at = ""
    payload = LogRestored(why=doubt.why, ended=doubt.ended, anchored=mark.position, anchored_at=at)
    return await enter_restored(log, payload, key=f"restored:{mark.hash}")


async def begin_anew(log: EventLog, anchored: int) -> None:
    """Write down that an empty log takes the place of one that had reached `anchored`.

    Nothing waits for it: the log has nothing from before.
    """
    begun = LogRestored(why="other", ended=0, anchored=anchored)
    events = (begun, LogAccepted(by=NOBODY))
    await log.append([NewEvent(stream=STREAM, payload=one, actor=NOBODY) for one in events])


async def accept_log(log: EventLog, rows: ReadModels, by: str) -> bool:
    """Take the log as it is, where it is held; return whether it was."""
    if not (await restored(rows)).held:
        return False
    await log.append([NewEvent(stream=STREAM, payload=LogAccepted(by=by), actor=by)])
    return True
