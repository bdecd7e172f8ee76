"""Reading in a process of its own, and what files from strangers try to make of it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.documents import apart
from adapters.documents.apart import MAX_NAME, ReaderApart
from adapters.documents.document import MAX_BYTES, MAX_TEXT
from adapters.sandbox import confined
from adapters.sandbox.bubblewrap import Bubblewrap, installed
from adapters.sandbox.chosen import works
from adapters.sandbox.landlock import Landlock
from bot.wiring.caches import build_sandbox
from core.domain.errors import BadInputError
from core.ports.sandbox import Sandbox
from tests.adapters.documents import hostile
from tests.adapters.documents.offices import excel, slides, word
from tests.adapters.documents.pdfs import pdf
from tests.architecture.source import ROOT
from tests.contracts.documents import DocumentReaderContract

HEAVY = ("docx", "openpyxl", "pptx", "pypdf", "lxml", "trafilatura", "numpy")


class TestReaderApart(DocumentReaderContract):
    """With a real process for each file, as the program makes it."""

    @pytest.fixture
    def reader(self) -> ReaderApart:
        """Give one with the usual limits, in the sandbox of this machine."""
        return ReaderApart(build_sandbox())


class TestReaderWithoutSandbox(DocumentReaderContract):
    """On a machine that has none."""

    @pytest.fixture
    def reader(self) -> ReaderApart:
        """Give one with the usual limits."""
        return ReaderApart()


SPY = """
import json, socket, sys
sys.stdin.buffer.readline()
wanted = json.loads(sys.stdin.buffer.read())
found = []
for name in wanted["files"]:
    try:
        found.append(open(name).read())
    except OSError:
        found.append("-")
try:
    socket.create_connection(("127.0.0.1", wanted["port"]), 5).send(b"secret")
    found.append("sent")
except OSError:
    found.append("-")
print(json.dumps({"read": {"title": "", "text": " ".join(found)}}))
"""


SANDBOXES = [
    *(Bubblewrap(path) for path in installed() if works(Bubblewrap(path))),
    *([Landlock()] if confined.is_possible() else []),
]


@pytest.mark.parametrize("sandbox", SANDBOXES, ids=lambda it: type(it).__name__)
async def test_a_child_that_was_taken_over_gets_nowhere(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever a file makes of its reader: other files stay shut, and nothing is sent."""
    secret = tmp_path / "secret.txt"
    secret.write_text("quixotic")
    files = [
        str(secret),
        "/etc/passwd",
        str(ROOT / "pyproject.toml"),
        f"/proc/{os.getpid()}/environ",
    ]
    monkeypatch.setattr(apart, "_PROGRAM", SPY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        wanted = json.dumps({"files": files, "port": server.getsockname()[1]}).encode()
        read = await ReaderApart(sandbox).read("a.txt", "", wanted)
        assert read.text == "- - - - -"
        free = await ReaderApart().read("a.txt", "", wanted)
        assert free.text.startswith("quixotic ")
        assert free.text.endswith(" sent")


@pytest.mark.parametrize("sandbox", SANDBOXES, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", word("One.")),
        ("a.xlsx", excel({"A": [["One.", 1.5]]})),
        ("a.pptx", slides(("One.", "two", ""))),
        ("a.pdf", pdf([["One."]])),
        ("a.html", b"<p>One. And another sentence.</p>"),
        ("a.eml", b"From: a@b.example\nContent-Type: text/html\n\n<p>One.</p>"),
        ("a.txt", "One.".encode("utf-16")),
    ],
)
async def test_every_kind_is_read_in_every_sandbox(
    sandbox: Sandbox, name: str, data: bytes
) -> None:
    """What is granted is enough for each library."""
    assert "One." in (await ReaderApart(sandbox).read(name, "", data)).text


@pytest.mark.parametrize("sandbox", SANDBOXES, ids=lambda it: type(it).__name__)
async def test_a_confined_child_leaves_nothing_running(sandbox: Sandbox) -> None:
    """Cancelled at any moment, out of time, or killed: whatever stands between us and it."""
    reader = ReaderApart(sandbox, seconds=60)
    data = hostile.endless_pdf()
    for wait in (0.0, 0.01, 0.05, 0.5, 2.0):
        task = asyncio.create_task(reader.read("a.pdf", "", data))
        await asyncio.sleep(wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(_everywhere_gone)
    with pytest.raises(BadInputError, match="takes longer than 2 seconds"):
        await ReaderApart(sandbox, seconds=2).read("a.pdf", "", data)
    assert await asyncio.to_thread(_everywhere_gone)


def _everywhere_gone() -> bool:
    """Tell whether no reader of ours runs, whoever its parent is; the kernel may take a moment."""
    for _ in range(500):
        if not any(_words_of(it) for it in Path("/proc").glob("[0-9]*")):
            return True
        time.sleep(0.01)
    return False


def _words_of(folder: Path) -> bool:
    """Tell whether a process is a reader that this test run started: it has its limits of time."""
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return any(b"adapters.documents.child" in it for it in words) and words[-3] in {b"60", b"2"}


def _children(of: int | None = None) -> dict[int, str]:
    """Return the processes that read documents for another, or this one, with their environment."""
    parent = str(of or os.getpid())
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            its_parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if b"adapters.documents.child" in words and its_parent == parent:
                found[int(folder.name)] = (folder / "environ").read_text()
        except OSError:
            continue
    return found


def _started(of: int | None = None) -> dict[int, str]:
    """Return the children as soon as there is one."""
    for _ in range(2000):
        if found := _children(of):
            return found
        time.sleep(0.01)
    raise TimeoutError


async def _reading() -> dict[int, str]:
    return await asyncio.to_thread(_started)


def _peak_begins_again() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _kilobytes(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.docx", word("# One", "two"), "# One\n\ntwo"),
        ("a.xlsx", excel({"A": [["x", 1.5]]}), "# Sheet A\n\n| x | 1.5 |\n| --- | --- |"),
        ("a.pptx", slides(("One", "two", "")), "# Slide 1\n\n## One\n\ntwo"),
        ("a.pdf", pdf([["One."]]), "# Page 1\n\nOne."),
        ("a.html", b"<p>Rent is due on Friday.</p>", "Rent is due on Friday."),
    ],
)
async def test_every_kind_is_read_within_the_limits(name: str, data: bytes, text: str) -> None:
    """What is given up leaves enough for each library."""
    assert (await ReaderApart().read(name, "", data)).text == text


def test_the_parent_loads_no_library_of_a_format() -> None:
    """Neither importing the reader nor reading with it loads what a stranger may break."""
    code = (
        "import asyncio, sys; from adapters.documents.apart import ReaderApart;"
        f"asyncio.run(ReaderApart().read('a.pdf', '', {pdf([['One.']])!r}));"
        f"print(*sorted(sys.modules.keys() & set({HEAVY!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (hostile.laughing_word, "is broken|has no text"),
        (hostile.laughing_excel, "is broken"),
        (hostile.deep_word, "is broken"),
        (lambda: hostile.bomb(70), "unpacks to more than can be read"),
        (lambda: hostile.bombed_slides(410), "unpacks to more than can be read"),
        (lambda: hostile.crowded_word(9_000_000), "unpacks to more than can be read"),
    ],
)
async def test_a_file_made_to_grow_ends_in_a_sentence(
    make: Callable[[], bytes], sentence: str
) -> None:
    """Whatever it unpacks to, the parent does not feel it, and nothing of it is left."""
    data = await asyncio.to_thread(make)
    _peak_begins_again()
    before = _kilobytes("VmRSS")
    with pytest.raises(BadInputError, match=rf"^growing ({sentence})[^\n]*\.$"):
        await ReaderApart(seconds=100).read("growing", "", data)
    assert _kilobytes("VmHWM") - before < 50_000
    assert _children() == {}


async def test_memory_has_an_end() -> None:
    """A file that is within all sizes but needs more than there is, is said to be too large."""
    data = await asyncio.to_thread(hostile.bombed_slides, 150)
    with pytest.raises(BadInputError, match=r"^deck\.pptx unpacks to more"):
        await ReaderApart(memory=200_000_000).read("deck.pptx", "", data)


async def test_a_file_without_an_end_is_given_up() -> None:
    """A PDF that draws for ever takes the seconds it may, and its process is gone after."""
    begun = time.monotonic()
    with pytest.raises(BadInputError, match=r"^loop\.pdf takes longer than 3 seconds to read;"):
        await ReaderApart(seconds=3).read("loop.pdf", "", hostile.endless_pdf())
    assert time.monotonic() - begun < 20
    assert _children() == {}


async def test_a_page_that_takes_a_parser_minutes_is_given_up() -> None:
    """Two megabytes of empty paragraphs are refused under their address, and nothing is left."""
    page = b"<html><body><p>words</p>" + b"<p>" * 700_000
    said = r"^http://acme\.example/ takes longer than 3 seconds to read\.$"
    with pytest.raises(BadInputError, match=said):
        await ReaderApart(seconds=3).read_page("http://acme.example/", page)
    assert _children() == {}


async def test_a_file_asks_for_no_other(tmp_path: Path) -> None:
    """What a file names on this machine does not come into its text."""
    secret = tmp_path / "secret.txt"
    secret.write_text("quixotic")
    read = await ReaderApart().read("a.docx", "", hostile.curious_word(str(secret)))
    assert read.text == "Here:"


def test_the_child_writes_no_file(tmp_path: Path) -> None:
    """That right is given up before it reads; it answers over a pipe."""
    code = (
        "from pathlib import Path; from adapters.documents import child;"
        "child._give_up_rights(20, 10**9);"
        f"Path({str(tmp_path / 'x')!r}).write_text('words')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "File too large" in done.stderr
    assert (tmp_path / "x").read_text() == ""


async def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment is handed on."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-quixotic")
    task = asyncio.create_task(ReaderApart().read("a.pdf", "", hostile.endless_pdf()))
    (environment,) = (await _reading()).values()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "PYTHONPATH" in environment
    assert "quixotic" not in environment
    assert "HOME=" not in environment


async def test_a_cancelled_read_leaves_nothing_running() -> None:
    """Before the child runs, while it starts, and while it reads."""
    reader = ReaderApart()
    data = hostile.endless_pdf()
    for wait in (0.0, 0.001, 0.01, 0.05, 0.3, 2.0):
        task = asyncio.create_task(reader.read("a.pdf", "", data))
        await asyncio.sleep(wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert _children() == {}
    assert (await reader.read("a.txt", "", b"Still here.")).text == "Still here."


async def test_a_second_cancel_changes_nothing() -> None:
    """A program that ends cancels what was cancelled already: the process is waited for."""
    task = asyncio.create_task(ReaderApart().read("a.pdf", "", hostile.endless_pdf()))
    (child,) = await _reading()
    os.kill(child, signal.SIGSTOP)
    for _ in range(5):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _children() == {}


async def test_a_child_that_was_killed_is_told_as_a_broken_file(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """When a library crashes or memory runs out, that is one sentence, and a line in the log."""
    task = asyncio.create_task(ReaderApart().read("a.pdf", "", hostile.endless_pdf()))
    for child in await _reading():
        os.kill(child, signal.SIGKILL)
    with pytest.raises(BadInputError, match=r"^a\.pdf is broken and cannot be read"):
        await task
    assert "ended with -9" in caplog.text
    assert "a.pdf" not in caplog.text


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    """Where the program is killed, nothing reads on for ever."""
    (tmp_path / "loop.pdf").write_bytes(hostile.endless_pdf())
    code = (
        "import asyncio, pathlib; from adapters.documents.apart import ReaderApart;"
        f"data = pathlib.Path({str(tmp_path / 'loop.pdf')!r}).read_bytes();"
        "asyncio.run(ReaderApart(seconds=5).read('loop.pdf', '', data))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:
        (child,) = _started(parent.pid)
        parent.kill()
    for _ in range(2000):
        if not Path(f"/proc/{child}").exists():
            return
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    pytest.fail("The child reads on.")


async def test_no_more_than_two_files_are_read_at_once() -> None:
    """A burst of files waits its turn instead of taking all memory."""
    reader = ReaderApart(seconds=30)
    tasks = [asyncio.create_task(reader.read("a.pdf", "", hostile.endless_pdf())) for _ in range(5)]
    await _reading()
    await asyncio.sleep(0.5)
    assert len(_children()) == 2
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert _children() == {}


async def test_a_large_file_is_refused_unread() -> None:
    """More than 20 MB is refused before a process is started for it."""
    with pytest.raises(BadInputError, match=r"^a\.txt is larger than 20 MB"):
        await ReaderApart().read("a.txt", "", bytes(MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", "é".encode() * (MAX_BYTES // 2)),
        ("a.csv", b",".join([b"x"] * 400_000) + b"\n1,2\n" * 200_000),
    ],
)
async def test_a_long_text_is_cut(name: str, data: bytes) -> None:
    """What is left is said once, whoever cut it."""
    read = await ReaderApart().read(name, "", data)
    assert len(read.text) == MAX_TEXT
    assert read.note == f"Only the first 2,000,000 characters of {name} were read."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/tmp/x/offer.xyz", "offer.xyz"),
        ("C:\\Users\\ana\\offer.xyz", "offer.xyz"),
        ("two\nlines\u202e.xyz", "two lines.xyz"),
        ("..", "The document"),
        ("x" * 5000 + ".xyz", "x" * (MAX_NAME - 4) + ".xyz"),
        ("x." + "y" * 5000, "x." + "y" * (MAX_NAME - 2)),
        ("nul\0.xyz", "nul.xyz"),
        ("\ud800.", "The document"),
    ],
)
async def test_a_name_is_said_as_it_is_harmless(name: str, shown: str) -> None:
    """Without folders, on one line, and short; its ending is kept."""
    with pytest.raises(BadInputError) as raised:
        await ReaderApart().read(name, "", b"\x00\xff")
    assert str(raised.value).startswith(f"{shown} is none of the documents")
