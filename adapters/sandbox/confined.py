"""A program that gives up rights and becomes another: `python confined.py GRANTS PROGRAM …`.

It needs nothing but the kernel, Landlock for files and signals, seccomp for the network, where
namespaces are not to be had. It is run by its path, so it imports the standard library only.
"""

import ctypes
import errno
import json
import os
import platform
import struct
import sys
from pathlib import Path
from typing import NamedTuple

# landlock(7); the numbers of these calls are the same on every machine.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
LEAST_VERSION = 3
"""Linux 6.2: before it, a file that may not be written could still be emptied."""
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_RIGHTS = {3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_RIGHTS = (1 << 16) - 1
_SCOPED = 3  # abstract sockets and signals, since version 6
_SCOPED_SINCE = 6
# Numbers of prctl and seccomp, which have manual pages of these names.
_NO_NEW_PRIVS, _SECCOMP, _SECUREBITS = 38, 22, 28
_NO_ROOT = 3
_FILTER = 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_OTHER_ABI = 0x40000000


class _Machine(NamedTuple):
    """What calls of the kernel are called here; those that change owners and modes are `other`."""

    audit: int
    socket: int
    other: tuple[int, ...]


_IO_URING = 425  # it opens sockets too
_MACHINES = {
    "x86_64": _Machine(0xC000003E, 41, (90, 91, 92, 93, 94, 260, 268, 452)),
    "aarch64": _Machine(0xC00000B7, 198, (52, 53, 54, 55, 452)),
}
_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the version of Landlock that this kernel has, 0 for none."""
    found = int(_libc.syscall(_CREATE, None, 0, _VERSION))
    return max(found, 0)


def is_possible() -> bool:
    """Tell whether programs can be confined on this machine."""
    return (
        sys.platform == "linux" and platform.machine() in _MACHINES and version() >= LEAST_VERSION
    )


def main() -> None:
    """Give up all but the grants, then run the program."""
    grants, *program = sys.argv[1:]
    wanted = json.loads(grants)
    _call(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
    # Root keeps no capability; whoever is not root has none to give up.
    _libc.prctl(_SECUREBITS, _NO_ROOT, 0, 0, 0)
    _confine_files(wanted["read"], wanted["write"])
    _confine_calls(network=wanted["network"])
    os.chdir("/")
    os.execv(program[0], program)  # noqa: S606 - what a sandbox is for


def _confine_files(read: list[str], write: list[str]) -> None:
    known = version()
    rights = _RIGHTS.get(known, _ALL_RIGHTS)
    scoped = _SCOPED if known >= _SCOPED_SINCE else 0
    rules = struct.pack("=QQQ", rights, 0, scoped)
    size = 24 if scoped else 8
    ruleset = _call(_libc.syscall(_CREATE, rules, size, 0))
    for names, allowed in ((read, _READ), (write, rights)):
        for name in names:
            found = os.open(name, os.O_PATH | os.O_CLOEXEC)
            mine = allowed if Path(name).is_dir() else allowed & _OF_FILES
            rule = struct.pack("=Qi", mine & rights, found)
            _call(_libc.syscall(_ADD, ruleset, 1, rule, 0))
            os.close(found)
    _call(_libc.syscall(_RESTRICT, ruleset, 0))
    os.close(ruleset)


def _confine_calls(*, network: bool) -> None:
    """Refuse the calls that open sockets, and those that Landlock does not know."""
    machine = _MACHINES[platform.machine()]
    refused = machine.other if network else (machine.socket, _IO_URING, *machine.other)
    # Each step is an operation, how many steps to jump over if it is so and if not, and a number.
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, machine.audit), (_RETURN, 0, 0, _REFUSE)]
    steps += [(_LOAD, 0, 0, 0), (_AT_LEAST, len(refused) + 1, 0, _OTHER_ABI)]
    steps += [(_EQUAL, len(refused) - at, 0, call) for at, call in enumerate(refused)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    _call(_libc.prctl(_SECCOMP, _FILTER, program, 0, 0))


def _call(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


if __name__ == "__main__":
    main()
