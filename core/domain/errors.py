"""Every error Equerry raises on purpose, split by what happens next.

    EquerryError
    ├── TransientError          try again (low impact) or ask (high impact)
    │   ├── ModelUnreachableError     talk falls back to the offline model
    │   ├── ShortTermDownError        the window is made from the log instead
    │   ├── VersionConflictError      somebody else moved the stream: fold again
    │   ├── EmbeddingError            no vector: memory is searched by words alone
    │   └── VectorStoreError          the index of vectors is away: every vector is compared
    ├── UndeliverableError      a chat takes no messages: written down, not tried again
    ├── AskOwnerError           the owner decides
    │   ├── OutcomeUnknownError       an effect may or may not have happened
    │   └── BudgetExceededError       a cap would be passed
    ├── RefusedError            one clear sentence back to whoever asked
    │   ├── BadInputError             arguments, templates, edits, text
    │   ├── BadPlanError              cycles, unknown agents, duplicate ids
    │   ├── UnknownThingError         no such goal, card, operation, grant
    │   ├── FileChangedError          not the bytes that were approved: a new card asks
    │   ├── ModelRefusedError         the call, or an answer that does not validate twice
    │   │   ├── ModelKeyError             authentication
    │   │   └── ContextTooLongError       shortened and tried once more
    │   └── StorageError              disk full, no rights, a newer database
    └── BugError                a promise of the code was broken

The text of an error is written for the owner: what was wrong, where, and what to do.
"""

from decimal import Decimal

from core.domain.money import ZERO


class EquerryError(Exception):
    """The root; `str(error)` is one sentence that may be shown to the owner.

    `plain` says it without a word of anybody else's (no address, no answer of a server), so that a
    planner may read it; empty where nothing can be said like that.
    """

    def __init__(self, message: str = "", *, plain: str = "") -> None:
        """Keep the sentence."""
        super().__init__(message)
        self.plain = plain


class TransientError(EquerryError):
    """The same call may succeed later; `retry_after` is in seconds when the other side named it."""

    def __init__(self, message: str, *, retry_after: float | None = None, plain: str = "") -> None:
        """Keep the other side's wish for a pause."""
        super().__init__(message, plain=plain)
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
        self.usd, self.tokens, self.busy = usd, tokens, busy


class ShortTermDownError(TransientError):
    """Short-term memory is out of reach."""


class VersionConflictError(TransientError):
    """A stream moved on between the fold and the append."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        """Name the stream and both versions."""
        super().__init__(f"Stream {stream!r} is at version {actual}, not {expected}.")
        self.stream = stream
        self.expected = expected
        self.actual = actual


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


class StorageError(RefusedError):
    """The place the data lives in cannot be used."""


class BugError(EquerryError):
    """A promise of the code was broken; the sentence names it."""
