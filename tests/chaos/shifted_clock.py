"""The program with a clock that can be set wrong: a file beside the config holds the seconds.

`python shifted_clock.py --config FILE run` is `python -m bot …` but for that.
"""

import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import bot.app
from adapters.system.clock import SystemClock
from bot.__main__ import start

SHIFT = "clock-is-wrong-by"


class ShiftedClock(SystemClock):
    """The machine's clock, as wrong as the file says."""

    def now(self) -> datetime:
        """Return what a machine whose clock was set wrong tells."""
        wrong = 0.0
        with suppress(OSError, ValueError):
            wrong = float(_FILE.read_text("ascii"))
        return super().now() + timedelta(seconds=wrong)


if __name__ == "__main__":
    _FILE = Path(sys.argv[sys.argv.index("--config") + 1]).with_name(SHIFT)
    bot.app.SystemClock = ShiftedClock  # type: ignore[attr-defined]
    start()
