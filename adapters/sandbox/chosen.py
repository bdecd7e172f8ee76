"""Which sandbox this machine can have: each is tried, and the first that works is used."""

import logging
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from adapters.sandbox import confined
from adapters.sandbox.bubblewrap import Bubblewrap, installed
from adapters.sandbox.landlock import Landlock
from core.ports.sandbox import Grants, Sandbox

_TRIED_S = 10.0
_log = logging.getLogger(__name__)


class Unconfined:
    """No Sandbox: programs have the rights of whoever runs them, which the owner is told."""

    name = ""

    def command(self, program: Sequence[str], grants: Grants) -> list[str]:
        """Return the program as it is."""
        return list(program)


class ChosenSandbox:
    """The best Sandbox of this machine, found when it is first asked for."""

    @property
    def name(self) -> str:
        """How programs are confined, empty where they are not."""
        return self._found.name

    def command(self, program: Sequence[str], grants: Grants) -> list[str]:
        """Return the command; see the port."""
        return self._found.command(program, grants)

    @cached_property
    def _found(self) -> Sandbox:
        found: Sandbox = next(filter(works, _candidates()), Unconfined())
        if not found.name:
            _log.warning("Nothing on this machine confines programs; doctor says what to install.")
        return found


def _candidates() -> Iterator[Sandbox]:
    yield from map(Bubblewrap, installed())
    if confined.is_possible():
        yield Landlock()


def works(sandbox: Sandbox) -> bool:
    """Tell whether a sandbox runs a program here; many systems forbid namespaces to most."""
    true = shutil.which("true")
    if true is None:
        return False
    program = str(Path(true).resolve())
    command = sandbox.command([program], Grants(read=(Path(program),)))
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_TRIED_S)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
