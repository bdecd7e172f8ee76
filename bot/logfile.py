"""The log file under `data_dir/logs`; secrets are taken out before a line is written."""

import logging
import os
from logging.handlers import RotatingFileHandler

from bot.config import Config
from bot.redaction import RedactingFilter, collect_secrets
from core.domain.errors import StorageError
from core.domain.redaction import Redactor

SIZE = 2_000_000
KEPT = 3


def start_logging(config: Config) -> None:
    """Log warnings and worse to a file; never to the terminal people read.

    Raises StorageError when the folder cannot be written.
    """
    folder = config.data_dir / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "equerry.log", maxBytes=SIZE, backupCount=KEPT, encoding="utf-8"
        )
    except OSError as error:
        message = f"The folder {str(folder)!r} cannot be written: {error.strerror}."
        raise StorageError(message) from error
    handler.addFilter(RedactingFilter(Redactor(collect_secrets(config, os.environ))))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
