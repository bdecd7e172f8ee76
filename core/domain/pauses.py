"""How long to wait before the next try."""

from collections.abc import Sequence


def nth_pause(pauses_s: Sequence[float], tries: int) -> float:
    """Return the pause in seconds after so many tries before; the last one from then on."""
    return pauses_s[min(tries, len(pauses_s) - 1)]
