"""Every error Equerry raises on purpose, split by what happens next.

    EquerryError
    ├── TransientError          try again (low impact) or ask (high impact)
    │   ├── ModelUnreachableError     talk falls back to the offline model
    │   │   └── AnswerTooLongError        not asked again
    │   ├── ShortTermDownError        the window is made from the log instead
    │   ├── StoreAwayError            the store does not answer, or is locked: wait
    │   ├── VersionConflictError      somebody else moved the stream: fold again
    │   ├── OvertakenError            a newer attempt is at it: leave it to that
    │   ├── StandbyError              another process leads the database: begin nothing
    │   ├── EmbeddingError            no vector: memory is searched by words alone
    │   └── VectorStoreError          the index of vectors is away: every vector is compared
    ├── UndeliverableError      a chat takes no messages: written down, not tried again
    ├── AskOwnerError           the owner decides
    │   ├── OutcomeUnknownError       an effect may or may not have happened
    │   └── BudgetExceededError       a cap would be passed
    ├── RefusedError            one clear sentence back to whoever asked
    │   ├── BadInputError             arguments, templates, edits, text
    │   │   └── UnclearTimeError          words that may mean several times: the owner says which
    │   ├── BadPlanError              cycles, unknown agents, duplicate ids
    │   ├── UnknownThingError         no such goal, card, operation, grant
    │   ├── FileChangedError          not the bytes that were approved: a new card asks
    │   ├── ModelRefusedError         the call, or an answer that does not validate twice
    │   │   ├── ModelKeyError             authentication
    │   │   └── ContextTooLongError       shortened and tried once more
    │   ├── UnreadableEventError      an event of the log that this version cannot read
    │   └── StorageError              no rights, a newer database
    │       ├── DiskError                 the disk is full, or fails: a service waits for it
    │       ├── DamagedError              a file is not what was written into it
    │       └── FactIndexError            an index of memory is away: answered without it
    └── BugError                a promise of the code was broken
        └── UnreadableError           an event of a goal cannot be read: that goal goes no further

The text of an error is written for the owner: what was wrong, where, and what to do.
"""

import errno
import math
from collections.abc import Sequence
from decimal import Decimal

from core.domain.meant import Meant
from core.domain.money import ZERO

LONGEST_RETRY_AFTER_S = 3600.0
"""Whoever asks for a pause of a day, or of a year, is asked again after an hour all the same."""


class EquerryError(Exception):
    """The root; `str(error)` is one sentence that may be shown to the owner.

    `plain` says it without a word of anybody else's (no address, no answer of a server), so that a
    planner may read it; empty where nothing can be said like that. `usd` is what may be charged all
    the same for what failed, in US dollars; None: whoever raised it does not know.
    """

    usd: Decimal | None = None

    def __init__(self, message: str = "", *, plain: str = "") -> None:
        """Keep the sentence."""
        super().__init__(message)
        self.plain = plain


class TransientError(EquerryError):
    """The same call may succeed later.

    `retry_after` is in seconds when the other side named it, an hour at most.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, plain: str = "") -> None:
        """Keep the other side's wish for a pause, where it is one."""
        super().__init__(message, plain=plain)
        if retry_after is not None and math.isnan(retry_after):
            retry_after = None
        if retry_after is not None:
            retry_after = min(max(retry_after, 0.0), LONGEST_RETRY_AFTER_S)
        self.retry_after = retry_after


class ModelUnreachableError(TransientError):
    """No model answered in time.

    `usd` and `tokens` (in, out) estimate, never too low, what the provider may charge for it all
    the same: the request was sent and broke off. `busy`: the server is well and wants fewer calls.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        usd: Decimal = ZERO,
        tokens: tuple[int, int] = (0, 0),
        busy: bool = False,
        plain: str = "",
    ) -> None:
        """Keep what it may have cost, in US dollars."""
        super().__init__(message, retry_after=retry_after, plain=plain)
        self.usd: Decimal = usd
        self.tokens, self.busy = tokens, busy


class AnswerTooLongError(ModelUnreachableError):
    """A model's server sent more than the answer may have; asked again it would do so again."""


class ShortTermDownError(TransientError):
    """Short-term memory is out of reach."""


class StoreAwayError(TransientError):
    """The store does not answer now, or another program keeps it locked."""


class VersionConflictError(TransientError):
    """A stream moved on between the fold and the append."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        """Name the stream and both versions."""
        super().__init__(f"Stream {stream!r} is at version {actual}, not {expected}.")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class OvertakenError(TransientError):
    """What an append claims is not so any more: somebody else has gone on from there."""


class StandbyError(TransientError):
    """This process does not lead the database: what it began is left, and nothing new begins."""


class EmbeddingError(TransientError):
    """A text could not be turned into a vector."""


class VectorStoreError(TransientError):
    """The index of vectors does not answer."""


class UndeliverableError(EquerryError):
    """A chat takes no message from Equerry, and will not before somebody changes that."""


class AskOwnerError(EquerryError):
    """Only the owner can say how to go on."""


class OutcomeUnknownError(AskOwnerError):
    """The effect was begun and its outcome never arrived."""


class BudgetExceededError(AskOwnerError):
    """A reservation would pass a cap; `scope` is `goal:G7`, `day:2026-11-23` and the like."""

    def __init__(
        self, message: str, *, cap: str, scope: str, asks: Decimal = ZERO, limit: Decimal = ZERO
    ) -> None:
        """Name the cap that would be passed, how many US dollars more would do, and its limit."""
        super().__init__(message)
        self.cap, self.scope, self.asks, self.limit = cap, scope, asks, limit


class RefusedError(EquerryError):
    """What was asked cannot be done as it was asked."""


class BadInputError(RefusedError):
    """Arguments, a template, an edit or a text that does not validate."""


class UnclearTimeError(BadInputError):
    """Words that may mean several times; `readings` are what they may mean, the likeliest first.

    `field` is the argument that holds the words, where they are an argument.
    """

    def __init__(self, message: str, readings: Sequence[Meant] = (), field: str = "") -> None:
        """Keep the readings beside the question."""
        super().__init__(message)
        self.readings, self.field = tuple(readings), field


class BadPlanError(RefusedError):
    """A plan that cannot be run."""


class UnknownThingError(RefusedError):
    """A goal, card, operation or grant that does not exist."""


class FileChangedError(RefusedError):
    """A file is not what was approved: nothing was done, and it is asked anew."""


class ModelRefusedError(RefusedError):
    """The model's server refused the call, or its answer did not validate twice."""


class ModelKeyError(ModelRefusedError):
    """The model's server refused the key."""


class ContextTooLongError(ModelRefusedError):
    """The prompt is longer than the model takes."""


class UnreadableEventError(RefusedError):
    """An event of the log is of no form that this program knows.

    `position` and `kind` name it; `problem` says what is wrong with it, empty: its type is unknown.
    """

    def __init__(self, position: int, kind: str, problem: str = "") -> None:
        """Say which event, what is wrong, and what to do."""
        what = (
            f"cannot be read by this version of Equerry: {problem}. Use the version that wrote "
            "it, where verify says whether it was changed."
            if problem
            else "is of a type that this version of Equerry does not know: a newer one wrote it; "
            "update the program."
        )
        message = f"Event {position} ({kind}) {what}"
        super().__init__(message)
        self.position, self.kind, self.problem = position, kind, problem


class UnreadableValueError(RefusedError):
    """A stored value is of another kind than the one that was written; `ref` names it."""

    def __init__(self, ref: str) -> None:
        """Say which value it is, and what tells more."""
        super().__init__(f"The stored value {ref} is not what was written: verify says more.")
        self.ref = ref


class StorageError(RefusedError):
    """The place the data lives in cannot be used."""


class DiskError(StorageError):
    """The disk is full, or fails: with room again, or when it is back, the same may succeed."""


class DamagedError(StorageError):
    """A file of the store is not what was written; `what` says so without what is to be done."""

    def __init__(self, what: str, todo: str = "restore it from a backup") -> None:
        """Name the file and how it is damaged."""
        super().__init__(f"{what}; {todo}.")
        self.what = what


class FactIndexError(StorageError):
    """An index of memory cannot be used now; whatever is in it comes from the log.

    `what` is the matter, `todo` what the owner does about it, as parts of a sentence. `renewed`:
    it was damaged and is empty now, so that it can be filled from the log at once.
    """

    def __init__(self, index: str, what: str, todo: str, *, renewed: bool = False) -> None:
        """Name the index, as a file or by its scope."""
        super().__init__(f"The index {index} cannot be used: {what}. {todo[:1].upper()}{todo[1:]}.")
        self.what, self.todo, self.renewed = what, todo, renewed


class BugError(EquerryError):
    """A promise of the code was broken; the sentence names it."""


class UnreadableError(BugError):
    """A goal has an event that cannot be read; `position` is that of the event."""

    def __init__(self, goal: str, position: int, kind: str) -> None:
        """Name the event and the goal."""
        super().__init__(f"Event {position} ({kind}) cannot be read, so {goal} goes no further.")
        self.goal, self.position = goal, position


STORE_ERRORS = (StorageError, StoreAwayError)
"""What says that the store failed, so that nothing is decided and the same is tried again."""

_DISK = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),  # nothing left of the machine, for now
    }
)
_NO_THREAD = "can't start new thread"
"""What Python says where the system gives out no more of them."""


def cannot_store(message: str, error: OSError) -> StorageError:
    """Return the error to raise for what the system said about a place that is written to."""
    return (DiskError if error.errno in _DISK else StorageError)(message)


def is_passing(error: Exception) -> bool:
    """Whether the machine may be well again without anybody correcting the configuration."""
    if isinstance(error, OSError):
        return error.errno in _DISK
    if isinstance(error, RuntimeError):
        return str(error) == _NO_THREAD
    return isinstance(error, StoreAwayError | DiskError)
