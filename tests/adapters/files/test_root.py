"""Which file a path means: inside the folder, nobody else's, and what it really is."""

import errno
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.files.root import FileRoot
from core.domain.errors import DiskError, RefusedError, StorageError
from core.domain.files import digest_of
from core.ports.files import OwnerFile

MEGABYTE = 1_000_000
SECRET = b"secret"
PIECES = [
    "a.txt",
    "sub",
    "b.txt",
    ".env",
    ".git",
    "config",
    "out",
    "up",
    "dot",
    "hidden",
    "near",
    "around",
    "absolute",
    "own",
    "equerry.db",
    "pipe",
    "..",
    ".",
    "",
    "~",
    " ",
    "a.txt ",
    "a.txt.",
    "A.TXT",
    "a.txt\x00",
    "a\u202etxt",
    "\uff0e\uff0e",
    "..\\..",
    "C:",
    "x" * 300,
]


def tree(folder: Path) -> FileRoot:
    """Make files, secrets beside them, and every kind of link between them."""
    root = folder / "files"
    for place in (root / "sub", root / ".git", folder / "data"):
        place.mkdir(parents=True)
    (root / "a.txt").write_bytes(b"one")
    (root / "sub" / "b.txt").write_bytes(b"two")
    secret = (root / ".env", root / ".git" / "config", folder / "secret", folder / "a.txt")
    for file in (*secret, folder / "data" / "equerry.db"):
        file.write_bytes(SECRET)
    links = {
        "out": "../secret",
        "up": "..",
        "dot": ".env",
        "hidden": ".git",
        "near": "sub",
        "around": "around",
        "absolute": str(folder / "secret"),
        "own": str(folder / "data"),
    }
    for name, to in links.items():
        (root / name).symlink_to(to)
    os.mkfifo(root / "pipe")
    return FileRoot(root, closed=(folder / "data",), home=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that no test changes."""
    return tmp_path_factory.mktemp("root")


@pytest.fixture(scope="module")
def files(folder: Path) -> FileRoot:
    """Give the files in it."""
    return tree(folder)


def read(files: FileRoot, name: str) -> OwnerFile | str:
    """Return a file, or why it is refused; its size is known in both cases or in none."""
    try:
        size = files.size(name)
        found = files.read_now(name, MEGABYTE)
    except RefusedError as error:
        return str(error)
    assert size == (None if found.data is None else len(found.data))
    return found


@settings(deadline=None, max_examples=1000)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=4),
    start=st.sampled_from(["", "/", "./"]),
)
def test_no_name_reaches_a_secret(files: FileRoot, pieces: list[str], start: str) -> None:
    """Whatever a path is made of, it is refused, or it is one of the owner's two files."""
    found = read(files, start + "/".join(pieces))
    if isinstance(found, str):
        assert found.isprintable()
        return
    if found.data is None:
        return
    assert (found.place, found.data) in {("files/a.txt", b"one"), ("files/sub/b.txt", b"two")}
    assert found.pin().digest == digest_of(found.data)


@settings(deadline=None, max_examples=500)
@given(st.text(max_size=30))
def test_any_text_is_a_file_or_a_sentence(files: FileRoot, name: str) -> None:
    """No name breaks anything: there is no such file, or it is said why it cannot be used."""
    found = read(files, name)
    assert found.isprintable() if isinstance(found, str) else found.data is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../secret", "steps such as"),
        ("/etc/hostname", "not below the folder"),
        ("~/secret", "not below the folder"),
        ("out", "leads out"),
        ("up/secret", "leads out"),
        ("absolute", "leads out"),
        ("own/equerry.db", "leads out"),
        (".env", "begin with a dot"),
        ("dot", "begin with a dot"),
        ("hidden/config", "begin with a dot"),
        ("around", "cannot be followed"),
        ("pipe", "no file"),
        ("sub", "no file"),
        ("a.txt/b", "not a folder"),
        ("", "is empty"),
        ("a.txt\x00", "unprintable"),
        ("x" * 201, "200 bytes"),
    ],
)
def test_a_refusal_says_why(files: FileRoot, name: str, said: str) -> None:
    """Each in a sentence that names the path."""
    with pytest.raises(RefusedError, match=said):
        files.size(name)


def test_what_is_closed_is_closed_through_a_link(tmp_path: Path) -> None:
    """A folder of Equerry's own below the root is nobody's attachment, by no name."""
    tree(tmp_path)
    wide = FileRoot(tmp_path, closed=(tmp_path / "data",))
    (tmp_path / "short").symlink_to("data", target_is_directory=True)
    for name in ("data/equerry.db", "short/equerry.db"):
        with pytest.raises(RefusedError, match="belongs to Equerry itself"):
            wide.size(name)
    assert wide.read_now("files/a.txt", MEGABYTE).data == b"one"


class _Swapped(FileRoot):
    """Between the look and the opening somebody puts a link in the place of a part."""

    part = ""

    def real(self, name: str) -> Path:
        """Return where it is, and swap it."""
        found = super().real(name)
        place = self._root / self.part
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()
        place.symlink_to("..") if self.part == "sub" else place.symlink_to("../secret")
        return found


@pytest.mark.parametrize(("name", "part"), [("a.txt", "a.txt"), ("sub/a.txt", "sub")])
def test_a_part_that_is_swapped_is_not_followed(tmp_path: Path, name: str, part: str) -> None:
    """What was checked is opened, or nothing."""
    tree(tmp_path)
    (tmp_path / "files" / "sub" / "a.txt").write_bytes(b"two")
    files = _Swapped(tmp_path / "files")
    files.part = part
    with pytest.raises(RefusedError):
        files.read_now(name, MEGABYTE)


@pytest.mark.parametrize(("number", "waits"), [(errno.EIO, False), (errno.EMFILE, True)])
async def test_only_what_passes_is_waited_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    waits: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A disk may fail at one file for good; a handle is free again soon."""
    (tmp_path / "a.txt").write_text("mine")

    def refused(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("adapters.files.root.read_handle", refused)
    with pytest.raises(StorageError) as raised:
        await FileRoot(tmp_path).read("a.txt", 100)
    assert isinstance(raised.value, DiskError) == waits
