"""Files from strangers are read in a process of its own, which is ended when it takes too much."""

import asyncio
import json
import logging
import math
import os
import signal
import sys
import sysconfig
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from adapters.documents.document import MAX_BYTES, broken, on_one_line, too_long
from core.domain.base import Frozen
from core.domain.errors import BadInputError
from core.ports.documents import ReadText
from core.ports.sandbox import Grants, Sandbox

SECONDS = 30.0
MEMORY = 1_000_000_000
AT_ONCE = 2
MAX_NAME = 100
_MAX_ANSWER = 20_000_000
_PIECE = 1 << 16
_ROOT = Path(__file__).resolve().parents[2]
# Python does not start without these where they are set.
_NEEDED = ("LD_LIBRARY_PATH", "PYTHONHOME")
# A virtual environment only points to the interpreter; its packages are named to it instead.
_PYTHON = Path(sys.executable).resolve()
_PACKAGES = tuple(dict.fromkeys(Path(sysconfig.get_path(it)) for it in ("purelib", "platlib")))
# The folder that holds ours cannot be looked through where the child sees only what is ours.
_PROGRAM = f"""
import importlib.util, runpy, sys
for name in ("core", "adapters"):
    spec = importlib.util.spec_from_file_location(name, f"{_ROOT}/{{name}}/__init__.py")
    sys.modules[name] = importlib.util.module_from_spec(spec)
runpy.run_module("adapters.documents.child", run_name="__main__", alter_sys=True)
"""
_log = logging.getLogger(__name__)


class _Answer(Frozen):
    """What the child says: what it read, the sentence why not, or the name of a bug of ours."""

    read: ReadText | None = None
    refused: str = ""
    failed: str = ""


class ReaderApart:
    """A DocumentReader whose parent process loads no library of any format.

    The child inherits no environment, hence no secret. In a sandbox it has no network, and sees
    nothing but Python and the readers: its file comes on its input. `seconds` of the clock, and
    bytes of `memory` (address space), are what one file may take; `AT_ONCE` files are read side
    by side.
    """

    def __init__(
        self, sandbox: Sandbox | None = None, *, seconds: float = SECONDS, memory: int = MEMORY
    ) -> None:
        """Take the sandbox, without which the child has more rights, and the limits."""
        self._sandbox = sandbox
        self._seconds = seconds
        self._memory = memory
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, name: str, media_type: str, data: bytes) -> ReadText:
        """Return the text of a file; see the port."""
        path = _shown(name)
        if len(data) > MAX_BYTES:
            raise too_long(path)
        return await self._told(path, {"name": str(path), "media_type": media_type}, data)

    async def read_page(self, address: str, data: bytes) -> ReadText:
        """Return the words of a web page; see the port."""
        return await self._told(address, {"address": address}, data)

    async def _told(self, path: Path | str, head: dict[str, str], data: bytes) -> ReadText:
        """Have the child read what `head` says, which sentences name by its path or address."""
        line = json.dumps(head).encode() + b"\n"
        async with self._turns:
            try:
                async with asyncio.timeout(self._seconds):
                    output, code = await self._run(line, data)
            except TimeoutError as error:
                message = f"{path} takes longer than {self._seconds:g} seconds to read"
                message += "." if "address" in head else "; split it and use the parts."
                raise BadInputError(message) from error
            except OSError as error:
                why = error.strerror or "the system does not answer"
                message = f"{path} could not be read now: {why}; try it again later."
                raise BadInputError(message) from error
        return _answer(path, output, code)

    async def _run(self, head: bytes, data: bytes) -> tuple[bytes, int]:
        """Return what the child answered, and how it ended; it has ended, whatever happens."""
        limits = (str(math.ceil(self._seconds)), str(self._memory))
        command = [str(_PYTHON), "-P", "-s", "-c", _PROGRAM, *limits]
        if self._sandbox is not None:
            command = await asyncio.to_thread(self._sandbox.command, command, _grants())
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
        try:
            return await _talk(process, head, data)
        finally:
            await _end(process)


def _shown(name: str) -> Path:
    """Return the name of a file without folders, on one line, short, and never empty."""
    words = on_one_line(name.replace("\\", "/").rpartition("/")[2])
    if words.strip(". ") == "":
        return Path("The document")
    end = Path(words).suffix if len(Path(words).suffix) <= MAX_NAME // 4 else ""
    stem = words.removesuffix(end)
    return Path(stem[: MAX_NAME - len(end)] + end)


def _grants() -> Grants:
    """Return what the child needs to start: Python, the packages, and our own readers."""
    libraries = [Path(it) for it in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if it]
    base = (Path(os.environ.get("PYTHONHOME", sys.base_prefix)), Path(sysconfig.get_path("stdlib")))
    ours = (_ROOT / "adapters", _ROOT / "core")
    paths = (_PYTHON, *base, *_PACKAGES, *ours, *libraries)
    return Grants(read=tuple(dict.fromkeys(path for path in paths if path.exists())))


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    found = os.pathsep.join(map(str, _PACKAGES))
    return {**kept, "PYTHONPATH": found, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


async def _talk(process: Process, head: bytes, data: bytes) -> tuple[bytes, int]:
    """Hand over the file, and return the answer; the child reads all before it says a word."""
    if process.stdin is None or process.stdout is None:
        raise BrokenPipeError
    # A child that is gone already is told by how it ended.
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(head)
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()
    output = bytearray()
    while piece := await process.stdout.read(_PIECE):
        output += piece
        if len(output) > _MAX_ANSWER:
            return b"", 0
    return bytes(output), await process.wait()


async def _end(process: Process) -> None:
    """Kill a child that runs, with all it started, and let go of its pipes.

    A second cancel, as at the end of a program, comes after that: a moment later.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    cancelled: asyncio.CancelledError | None = None
    while True:
        try:
            while process.stdout is not None and await process.stdout.read(_PIECE):
                pass
            await process.wait()
            break
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _answer(path: Path | str, output: bytes, code: int) -> ReadText:
    """Return what the child read, or raise what it said; one without an answer was made to die."""
    try:
        answer = _Answer.model_validate_json(output)
    except ValidationError as error:
        _log.warning("The process that read a document ended with %s.", code)
        raise broken(path) from error
    if answer.refused:
        raise BadInputError(answer.refused)
    if answer.read is None:
        # Its kind is all that is written down: the words of an error may be those of the file.
        _log.warning("Reading a document failed: %s.", answer.failed)
        raise broken(path)
    return answer.read
