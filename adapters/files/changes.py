"""What a change makes of a file's bytes, and how it is taken back: pure."""

from adapters.files.journal import Intent
from core.domain.errors import RefusedError


def piece_for(before: bytes | None, text: str, name: str) -> str:
    """Return what an append adds: `text` on lines of its own, in the line ends of the file.

    Raises RefusedError when the file is not UTF-8 text.
    """
    try:
        there = (before or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"The file {name!r} is not UTF-8 text; nothing was added to it."
        raise RefusedError(message) from error
    end = "\r\n" if "\r\n" in there else "\n"
    start = end if there and not there.endswith("\n") else ""
    lines = text.replace("\r\n", "\n").replace("\n", end)
    return start + lines + ("" if lines.endswith(end) else end)


def without(intent: Intent, current: bytes) -> bytes | None:
    """Return `current` without what an append added; None when that leaves a file it had made.

    What came before and after is kept. Raises RefusedError when the text is no longer there once,
    at its place or elsewhere.
    """
    piece = (intent.piece or "").encode()
    at = intent.before_size
    if not _is_there(current, piece, at):
        places = [place for place in _places(current, piece) if _is_there(current, piece, place)]
        if len(places) != 1:
            raise changed(intent)
        at = places[0]
    rest = current[:at] + current[at + len(piece) :]
    return None if intent.before is None and not rest else rest


def changed(intent: Intent) -> RefusedError:
    """Say that a change cannot be taken back any more."""
    message = f"The file {intent.path!r} changed since; undo it by hand."
    return RefusedError(message)


def _is_there(current: bytes, piece: bytes, at: int) -> bool:
    """Whether `piece` begins at `at`, on a line of its own."""
    starts = at == 0 or piece[:1] in {b"\n", b"\r"} or current[at - 1 : at] == b"\n"
    return starts and current[at : at + len(piece)] == piece


def _places(current: bytes, piece: bytes) -> list[int]:
    places: list[int] = []
    at = current.find(piece)
    while at >= 0:
        places.append(at)
        at = current.find(piece, at + 1)
    return places
