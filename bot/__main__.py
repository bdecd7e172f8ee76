"""`python -m bot`."""

import gc
import resource
import sys

LEAST_FILES = 64
"""A start takes about 24 of them; mail, Telegram and a database elsewhere take some each."""


def start() -> None:
    """Run the program; what its imports make lives as long as it, so none of that is collected."""
    if (most := _open_files()) < LEAST_FILES:
        sys.exit(
            f"Only {most} files may be open at once here (ulimit -n), which is not enough to run: "
            f"allow {LEAST_FILES} at least."
        )
    gc.disable()
    from bot.cli.main import main

    gc.freeze()
    gc.enable()
    main()


def _open_files() -> int:
    """Return how many files this process may have open, as many as it needs where it may say so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= LEAST_FILES:
        return LEAST_FILES
    more = LEAST_FILES if hard == resource.RLIM_INFINITY else min(hard, LEAST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
    return more


if __name__ == "__main__":
    start()
