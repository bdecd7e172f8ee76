"""Which names the owner's files may have: inside their folder, readable, and nobody else's."""

import unicodedata
from pathlib import Path, PurePosixPath

from core.domain.errors import BadInputError

MOST_NAME_BYTES = 200
MOST_PATH_CHARACTERS = 1000
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10)]
)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_UNPRINTABLE = frozenset(["Cc", "Cs", "Zl", "Zp"])


def relative(path: str) -> PurePosixPath:
    """Return `path` if it is a plain relative path of a file.

    Refused are absolute paths, `..`, control and direction characters, device names, and names that
    begin with a dot: those belong to other programs (`.ssh`, `.git`). Raises BadInputError.
    """
    _check_characters(path)
    if path.startswith(("/", "~")) or "\\" in path or path[1:2] == ":":
        message = f"The path {path!r} is not below the folder of your files; give a relative one."
        raise BadInputError(message)
    if path.endswith("/"):
        message = f"The path {path!r} names a folder; name a file in it."
        raise BadInputError(message)
    parts = path.split("/")
    for part in parts:
        _check_name(part, path)
    return PurePosixPath(*parts)


def inside(root: Path, path: PurePosixPath, closed: tuple[Path, ...] = ()) -> Path:
    """Return where `path` really is, links followed.

    Raises BadInputError when a link leads out of `root`, to a name that begins with a dot, or into
    a `closed` folder; one that `root` was put in, as `data_dir/files` in `data_dir`, does not close
    it.
    """
    base = root.resolve()
    try:
        real = (base / path).resolve()
    except (OSError, RuntimeError) as error:
        message = f"The path {str(path)!r} cannot be followed; check the links in it."
        raise BadInputError(message) from error
    if not real.is_relative_to(base) or real == base:
        message = f"The path {str(path)!r} leads out of the folder of your files; choose another."
        raise BadInputError(message)
    if any(part.startswith(".") for part in real.relative_to(base).parts):
        message = (
            f"The path {str(path)!r} leads to {real.relative_to(base).as_posix()!r}: names that "
            "begin with a dot are reserved."
        )
        raise BadInputError(message)
    shut = [folder.resolve() for folder in closed]
    if any(real.is_relative_to(folder) and folder not in base.parents for folder in shut):
        message = f"The path {str(path)!r} belongs to Equerry itself; choose another."
        raise BadInputError(message)
    return real


def _check_characters(path: str) -> None:
    if not path.strip():
        message = "The path is empty; name a file."
        raise BadInputError(message)
    if len(path) > MOST_PATH_CHARACTERS:
        message = f"The path has {len(path)} characters; {MOST_PATH_CHARACTERS} are allowed."
        raise BadInputError(message)
    for character in path:
        if unicodedata.category(character) in _UNPRINTABLE or character in _BIDI:
            message = f"The path {path!r} has the unprintable character U+{ord(character):04X}."
            raise BadInputError(message)


def _check_name(name: str, path: str) -> None:
    problem = None
    if name in {"", ".", ".."}:
        problem = "steps such as '..' or '//' are not allowed"
    elif name.startswith("."):
        problem = "names that begin with a dot are reserved"
    elif name != name.strip() or name.endswith("."):
        problem = "a name cannot begin or end with a space, or end with a dot"
    elif name.partition(".")[0].upper() in _DEVICES:
        problem = f"{name!r} is a reserved name"
    elif len(name.encode()) > MOST_NAME_BYTES:
        problem = f"a name may have {MOST_NAME_BYTES} bytes"
    if problem:
        message = f"The path {path!r} cannot be used: {problem}."
        raise BadInputError(message)
