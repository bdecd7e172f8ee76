"""Progress of what reads the whole log."""

from io import StringIO
from itertools import count

from bot.progress import EACH_S, ProgressLines


def test_a_long_reading_says_how_far_it_is() -> None:
    """What is over soon says nothing; what takes longer says a line each time it is due."""
    said, ticks = StringIO(), count(step=EACH_S / 2)
    progress = ProgressLines("Reading the log", said, lambda: next(ticks))
    for position in range(1000, 6000, 1000):
        progress(position, 5000)
    assert said.getvalue().splitlines() == [
        "Reading the log: 2000 of 5000 events.",
        "Reading the log: 4000 of 5000 events.",
    ]
