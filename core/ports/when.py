"""Times in the owner's words."""

from datetime import datetime, tzinfo
from typing import Protocol

from core.domain.errors import UnclearTimeError
from core.domain.meant import Meant
from core.ports.action import ActionContext


class When(Protocol):
    """Understands `friday 9am`, `in 2 hours`, `tomorrow`, and ISO 8601."""

    def parse(self, words: str, now: datetime, zone: tzinfo) -> datetime:
        """Return the aware time meant, in `zone`, in the future of `now` where words are relative.

        Raises BadInputError with one sentence when the words name no time.
        """
        ...

    def read(self, words: str, now: datetime, zone: tzinfo) -> Meant:
        """Return the first time meant and how it comes again; every word has been used.

        Raises UnclearTimeError with the readings where people read the words in several ways,
        BadInputError as `parse` does.
        """
        ...


def read_time(when: When, words: str, field: str, context: ActionContext) -> Meant:
    """Return what the words of an argument mean for the owner, now.

    Raises UnclearTimeError, which names the argument, or BadInputError.
    """
    try:
        return when.read(words, context.now, context.timezone)
    except UnclearTimeError as error:
        raise UnclearTimeError(str(error), error.readings, field) from error
