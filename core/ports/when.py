"""Times in the owner's words."""

from datetime import datetime, tzinfo
from typing import Protocol


class When(Protocol):
    """Understands `friday 9am`, `in 2 hours`, `tomorrow`, and ISO 8601."""

    def parse(self, words: str, now: datetime, zone: tzinfo) -> datetime:
        """Return the aware time meant, in `zone`, in the future of `now` where words are relative.

        Raises BadInputError with one sentence when the words name no time.
        """
        ...
