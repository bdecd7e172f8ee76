"""Completion and history of the input line."""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory

_ID = re.compile(r"[CG][A-Z0-9]*\Z")


class LineCompleter(Completer):
    """Completes slash commands at the start of a line, and ids of cards and goals anywhere."""

    def __init__(
        self, commands: Sequence[tuple[str, str]], ids: Callable[[], Iterable[tuple[str, str]]]
    ) -> None:
        self._commands = commands
        self._ids = ids

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what the word before the cursor may become."""
        before = document.text_before_cursor
        if before.startswith("/") and " " not in before:
            for name, about in self._commands:
                if name.startswith(before[1:].lower()):
                    yield Completion(f"/{name}", -len(before), display_meta=about)
            return
        word = before.rsplit(maxsplit=1)[-1] if before and not before[-1].isspace() else ""
        if " " not in before or (word and not _ID.match(word.upper())):
            return
        for name, about in self._ids():
            if name.startswith(word.upper()):
                yield Completion(name, -len(word), display_meta=about)


class PrivateHistory(FileHistory):
    """The lines of earlier sessions, readable by the owner only; a full disk costs only them."""

    def prepare(self) -> None:
        """Make the file with mode 0600 in a folder with mode 0700."""
        path = Path(os.fsdecode(self.filename))
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            path.chmod(0o600)

    def load_history_strings(self) -> Iterable[str]:
        """Return the stored lines, the newest first; none when they cannot be read."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Store a line, if the disk takes it."""
        with contextlib.suppress(OSError, UnicodeError):
            super().store_string(string)
