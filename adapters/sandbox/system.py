"""What every program on this machine needs to start, and to find others on the network."""

import mimetypes
import sys
from pathlib import Path

_PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/nix/store")
# What a library looks up because it is there; where it may not, it takes that for a fault.
_KNOWN = tuple(mimetypes.knownfiles)
_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/pki")
PYTHON = str(Path(sys.executable).resolve())
"""The interpreter itself: a virtual environment only points to it."""


def needed(*, network: bool) -> list[Path]:
    """Return the folders and files of the system that there are."""
    names = (*_PROGRAMS, *_KNOWN, *(_NETWORK if network else ()))
    return [path for path in map(Path, names) if path.exists()]
