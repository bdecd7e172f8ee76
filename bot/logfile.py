"""The log file under `data_dir/logs`; secrets are taken out before a line is written."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler

from bot.config import Config
from bot.data_dir import PRIVATE, make_data_dir
from bot.redaction import RedactingFilter, collect_secrets
from core.domain.errors import cannot_store
from core.domain.redaction import Redactor

PRIVATE_FILE = 0o600
SIZE = 2_000_000
KEPT = 3


class _LogFile(RotatingFileHandler):
    """A log file that cannot be written, on a full disk say, disturbs nothing."""

    def _open(self) -> TextIOWrapper:
        """Open the file, a new one after each roll-over, for its owner alone."""
        return open(
            self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_private
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drop the record: what matters is on the event log, and the terminal is for people."""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)


def start_logging(config: Config) -> None:
    """Log warnings and worse to a file; never to the terminal people read.

    Raises StorageError when the folder cannot be written.
    """
    make_data_dir(config.data_dir)
    folder = config.data_dir / "logs"
    try:
        folder.mkdir(mode=PRIVATE, exist_ok=True)
        handler = _LogFile(
            folder / "equerry.log", maxBytes=SIZE, backupCount=KEPT, encoding="utf-8"
        )
    except OSError as error:
        message = (
            f"The folder {str(folder)!r} cannot be written: {error.strerror}; "
            "check data_dir and its rights."
        )
        raise cannot_store(message, error) from error
    handler.addFilter(RedactingFilter(Redactor(collect_secrets(config, os.environ))))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
