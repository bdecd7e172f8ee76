"""Programs that gave up rights before they began, where there are no namespaces for them."""

import json
from collections.abc import Sequence
from pathlib import Path

from adapters.sandbox import confined
from adapters.sandbox.system import PYTHON, needed
from core.ports.sandbox import Grants

_DEVICES = tuple(map(Path, ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")))


class Landlock:
    """A Sandbox of Landlock and seccomp: names of other files can be seen, not what is in them."""

    name = "Landlock and seccomp, since there is no bubblewrap that works"

    def command(self, program: Sequence[str], grants: Grants) -> list[str]:
        """Return the command; see the port. What is not granted cannot be opened."""
        system = needed(network=grants.network)
        wanted = {
            "read": [str(path) for path in (*system, *grants.read, *_DEVICES)],
            "write": [str(path) for path in (*grants.write, Path("/dev/null"))],
            "network": grants.network,
        }
        return [PYTHON, "-I", "-S", confined.__file__, json.dumps(wanted), *program]
