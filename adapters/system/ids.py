"""Random names that grow with time."""

import secrets
import time

_RANDOM_BYTES = 10


class SystemIds:
    """Makes names of the milliseconds since 1970 and 80 random bits.

    Names of one time are neighbours, so that an index over them is written in one place.
    """

    def new(self) -> str:
        """Return a fresh id of 32 hexadecimal characters."""
        return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(_RANDOM_BYTES)}"
