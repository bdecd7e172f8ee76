"""Programs that are not trusted, run with no more of the machine than they are granted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from core.domain.base import Frozen


class Grants(Frozen):
    """What a program may reach besides the system's own programs and libraries.

    `read` and `write` are files or folders with all that is in them; what is in neither does not
    exist for the program, or cannot be opened. Without `network` it reaches no address, not even
    one on this machine.
    """

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    network: bool = False


class Sandbox(Protocol):
    """Confines programs: a reader of documents, a server of tools, code that a model wrote."""

    @property
    def name(self) -> str:
        """How programs are confined, for the owner; empty where they are not."""
        ...

    def command(self, program: Sequence[str], grants: Grants) -> list[str]:
        """Return the command that runs `program`, given by its full path, with these grants.

        Whoever starts it chooses its environment, folder and pipes, and ends it by its process;
        what it started ends with it. Blocks for some ms the first time.
        """
        ...
