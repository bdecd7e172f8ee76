"""The process that reads one file from a stranger: `ReaderApart` starts it, and it answers once.

It takes a line of JSON and the bytes of the file on its input. Whatever the file makes a library
do, the process has no more memory, time and rights than are given up here, before anything is read.
"""

import contextlib
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, cast

from adapters.documents.document import MAX_TEXT, Document, shortened, too_large
from adapters.documents.reading import read_bytes
from adapters.documents.web_file import from_page
from core.domain.errors import BadInputError

_FILES = 64


def main() -> None:
    """Read the file on standard input; SECONDS and BYTES of memory are the arguments."""
    seconds, memory = (int(word) for word in sys.argv[1:])
    # What a library prints, or writes in an error of its own, is no answer.
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _give_up_rights(seconds, memory)
    head = json.loads(sys.stdin.buffer.readline())
    answer = _answer(head, sys.stdin.buffer.read())
    with open(out, "wb") as file:  # noqa: PTH123 - a descriptor has no path
        file.write(json.dumps(answer, ensure_ascii=False).encode())


def _give_up_rights(seconds: int, memory: int) -> None:
    limits = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_NPROC, 0),
    )
    for what, most in limits:
        # A system that does not know a limit, or has a lower one already, keeps its own.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    # The parent ends this process sooner, unless it was killed itself.
    signal.alarm(seconds + 1)
    # openpyxl takes numpy where it finds it: a fifth of a second, and much address space.
    cast("dict[str, object]", sys.modules)["numpy"] = None


def _answer(head: dict[str, str], data: bytes) -> dict[str, Any]:
    """Return what was `read`, or the sentence it is `refused` with, or how reading `failed`."""
    address = head.get("address", "")
    path = Path(head.get("name", ""))
    try:
        if address:
            document = from_page(address, data)
        else:
            document = read_bytes(path, data, head["media_type"])
    except BadInputError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": str(too_large(address or path))}
    except Exception as error:  # noqa: BLE001 - the parent writes it down and refuses the file
        return {"failed": type(error).__name__}
    if address:
        return {"read": _kept(document, "")}
    if not document.text.strip():
        return {"refused": f"{path} is empty: there are no words in it."}
    note = document.note
    if len(document.text) > MAX_TEXT and shortened(path) not in note:
        note = f"{note} {shortened(path)}".strip()
    return {"read": _kept(document, note)}


def _kept(document: Document, note: str) -> dict[str, str]:
    return {"title": document.title, "text": document.text[:MAX_TEXT], "note": note}


if __name__ == "__main__":
    main()
