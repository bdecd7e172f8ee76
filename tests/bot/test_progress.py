"""Progress of what reads the whole log."""

import errno
import os
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


def test_a_full_disk_behind_the_screen_ends_no_reading() -> None:
    """The line is left out: a log is upgraded whole, whoever hears of it."""

    class Full(StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    ticks = count(step=EACH_S)
    progress = ProgressLines("Reading the log", Full(), lambda: next(ticks))
    for position in range(2):
        progress(position, 2)
