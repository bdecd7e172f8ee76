"""`python -m bench.documents`: our readers of documents beside kreuzberg and markitdown.

Each file of documents.json is read by a process of its own, ours under the limits of its child,
and the phrases that an independent reading found in it are looked for. The files are test data of
public packages: a folder OWNER/NAME for each repository has to be there, and an interpreter that
has each of the other readers. What is not there is left out.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".json")
SECONDS, MEMORY = 30, 1_000_000_000
LIMITS = """
import resource, sys
data = sys.stdin.buffer.read()
limits = {resource.RLIMIT_CPU: 30}
if sys.argv[2] == "strict":
    limits |= {resource.RLIMIT_AS: 10**9, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_NOFILE: 64}
for what, most in limits.items():
    resource.setrlimit(what, (most, most))
"""
KREUZBERG = """
import kreuzberg
kinds = {
    "pdf": "application/pdf", "eml": "message/rfc822", "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
text = kreuzberg.extract_bytes_sync(data, kinds[sys.argv[1]]).content
"""
MARKITDOWN = """
import io
from markitdown import MarkItDown
text = MarkItDown().convert_stream(io.BytesIO(data), file_extension="." + sys.argv[1]).text_content
"""
SAY = "\nsys.stdout.buffer.write(text.encode('utf-8', 'replace'))\n"
_WORD = re.compile(r"[^\W_]+")


class Item(TypedDict, total=False):
    """A file, the phrases that must be found in its text, and those of the frame around it."""

    repo: str
    path: str
    kind: str
    phrases: list[str]
    absent: list[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of one file: its words, and what that took."""

    words: str
    cpu_s: float
    wall_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of documents as a program: its file comes on standard input."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ours: bool = False

    def read(self, kind: str, data: bytes) -> Reading:
        """Read a file in a process of its own; a file it fails on has no words."""
        with tempfile.TemporaryFile() as given:
            if self.is_ours:
                given.write(json.dumps({"name": f"file.{kind}", "media_type": ""}).encode() + b"\n")
            given.write(data)
            given.seek(0)
            words = [word.replace("KIND", kind) for word in self.command]
            begun = time.monotonic()
            # A pipe, since a program that may write no file cannot write to one either.
            with subprocess.Popen(
                words,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=dict(self.environment),
            ) as process:
                answer = process.stdout.read() if process.stdout else b""
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            wall = time.monotonic() - begun
        text = _ours(answer) if self.is_ours else answer.decode("utf-8", "replace")
        return Reading(in_words(text), used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1000)


def _ours(answer: bytes) -> str:
    try:
        read: dict[str, Any] = json.loads(answer).get("read") or {}
    except ValueError:
        return ""
    return f"{read.get('title', '')}\n{read.get('text', '')}"


def in_words(text: str) -> str:
    """Return the words of a text with one blank between them: signs of markdown do not count."""
    return f" {' '.join(_WORD.findall(unicodedata.normalize('NFKC', text))).lower()} "


def ours(name: str, root: Path) -> Reader:
    """Return the readers of a checkout of Equerry, as its child process."""
    limits = (str(SECONDS), str(MEMORY))
    command = (sys.executable, "-P", "-m", "adapters.documents.child", *limits)
    return Reader(name, command, {"PYTHONPATH": str(root), "PYTHONUTF8": "1"}, is_ours=True)


def others(name: str, python: str, code: str, limits: str) -> Reader:
    """Return a reader that another interpreter has, under our limits where they are `strict`."""
    command = (python, "-c", LIMITS + code + SAY, "KIND", limits)
    return Reader(name, command, {"PYTHONUTF8": "1"})


def measured(
    folder: Path, readers: Sequence[Reader], kinds_asked: Sequence[str], *, show: bool
) -> Iterator[str]:
    """Yield a row of a table for each kind of file and reader."""
    items: list[Item] = json.loads(TABLE.read_text())
    kinds: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        is_asked = not kinds_asked or item["kind"] in kinds_asked
        if is_asked and (folder / item["repo"] / item["path"]).is_file():
            kinds[item["kind"]].append(item)
    yield "| kind | reader | files | all phrases | phrases | of the frame | CPU | most memory |"
    yield "|---|---|---|---|---|---|---|---|"
    for kind, found in kinds.items():
        for reader in readers:
            yield _row(kind, reader, found, folder, show=show)


def _row(kind: str, reader: Reader, items: list[Item], folder: Path, *, show: bool) -> str:
    whole = right = asked = frame = frames = 0
    readings = []
    for item in items:
        reading = reader.read(kind, (folder / item["repo"] / item["path"]).read_bytes())
        readings.append(reading)
        missing = [it for it in item["phrases"] if in_words(it) not in reading.words]
        absent = item.get("absent", [])
        frames += len(absent)
        frame += sum(in_words(it) in reading.words for it in absent)
        asked += len(item["phrases"])
        right += len(item["phrases"]) - len(missing)
        whole += not missing
        if show and missing:
            print("-", reader.name, item["repo"], item["path"], missing, file=sys.stderr)
    cpu = statistics.median(it.cpu_s for it in readings)
    peak = max(it.peak_mb for it in readings)
    return (
        f"| {kind} | {reader.name} | {len(items)} | {whole} | {right} of {asked} |"
        f" {frame} of {frames} | {cpu:.2f} s | {peak:.0f} MB |"
    )


def main() -> None:
    """Measure and print a table in markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.documents", description=__doc__)
    parser.add_argument("folder", type=Path, help="where OWNER/NAME of each repository is")
    parser.add_argument("--before", type=Path, help="another checkout of Equerry")
    parser.add_argument("--kreuzberg", help="an interpreter that has it")
    parser.add_argument("--markitdown", help="an interpreter that has it")
    parser.add_argument("--strict", action="store_true", help="others have the limits of ours too")
    parser.add_argument("--kinds", nargs="+", default=(), help="kinds of files; all")
    parser.add_argument("--readers", nargs="+", default=(), help="names of readers; all")
    parser.add_argument("--show", action="store_true", help="each phrase that was not found")
    given = parser.parse_args()
    limits = "strict" if given.strict else "free"
    readers = [ours("ours", ROOT)]
    if given.before:
        readers.append(ours("before", given.before))
    if given.kreuzberg:
        readers.append(others("kreuzberg", given.kreuzberg, KREUZBERG, limits))
    if given.markitdown:
        readers.append(others("markitdown", given.markitdown, MARKITDOWN, limits))
    if given.readers:
        readers = [reader for reader in readers if reader.name in given.readers]
    for line in measured(given.folder, readers, given.kinds, show=given.show):
        print(line, flush=True)


if __name__ == "__main__":
    main()
