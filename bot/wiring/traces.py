"""Where words linger beside the log: the terminal's history, journals, exports, the cache."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from adapters.files.journal_words import forget_words
from bot.config import Config
from bot.portable.erasing import erase_in_exports
from bot.wiring.actions import files_root
from core.domain.flat import flat
from core.ports.answer_cache import AnswerCache

OWN = ("notes", "files")
MOST_BYTES = 20_000_000


class LocalTraces:
    """Traces in `data_dir` and in the cache of answers."""

    def __init__(self, config: Config, cache: AnswerCache) -> None:
        """Take where the folders are."""
        self._config, self._cache = config, cache

    async def erase(self, needles: Sequence[str]) -> list[str]:
        """Erase the words; return the owner's own files that hold them."""
        await self._cache.forget(needles)
        return await asyncio.to_thread(self._erase, needles)

    def _erase(self, needles: Sequence[str]) -> list[str]:
        folder = self._config.data_dir
        _rewrite_history(folder / "terminal" / "history", needles)
        for journal in ("notes", "files"):
            forget_words(folder / "journal" / journal, needles)
        left = erase_in_exports(folder, lambda text: _holds(text, needles))
        roots = {folder / "notes", files_root(self._config)}
        left += [file for root in roots for file in _holding(root, needles)]
        return sorted({str(file) for file in left})


def _rewrite_history(path: Path, needles: Sequence[str]) -> None:
    """Leave the entries of the history out that hold the words; it is made new beside."""
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    entries = text.split("\n\n")
    kept = [entry for entry in entries if not _holds(entry.replace("\n+", " "), needles)]
    if len(kept) == len(entries):
        return
    beside = path.with_suffix(".new")
    beside.touch(0o600)
    beside.write_text("\n\n".join(kept), encoding="utf-8")
    beside.replace(path)


def _holding(root: Path, needles: Sequence[str]) -> list[Path]:
    if not root.is_dir():
        return []
    files = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if _in_file(path, needles)]


def _in_file(path: Path, needles: Sequence[str]) -> bool:
    try:
        if path.stat().st_size > MOST_BYTES:
            return False
        return _holds(path.read_text(encoding="utf-8", errors="replace"), needles)
    except OSError:
        return False


def _holds(text: str, needles: Sequence[str]) -> bool:
    words = flat(text)
    return any(needle in words for needle in needles)
