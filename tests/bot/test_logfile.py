"""The log file: secrets stay out, and a disk that refuses it disturbs nobody."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import load_config
from bot.logfile import start_logging
from core.domain.errors import StorageError
from tests.scenarios.places import Place
from tests.scenarios.program import ROOT
from tests.waiting import PROGRAM_S


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Give the root logger, and put its handlers back after the test."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    logger.handlers.clear()
    yield logger
    logging.captureWarnings(capture=False)
    for handler in logger.handlers:
        handler.close()
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_secrets_are_taken_out(place: Place, root: logging.Logger) -> None:
    """Of the message, its arguments and the text of an exception."""
    place.configure(llm={"api_key": "sk-secret-0123456789"})
    start_logging(place.config())
    error = ValueError("key sk-secret-0123456789")
    root.error("with %s", "sk-secret-0123456789", exc_info=error)
    assert "ValueError" in place.log_text()
    assert "sk-secret" not in place.log_text()


def test_a_log_that_cannot_be_written_is_silent(place: Place) -> None:
    """A full disk prints nothing over what people read, neither at once nor at the end."""
    logs = place.data / "logs"
    logs.mkdir(parents=True)
    (logs / "equerry.log").symlink_to("/dev/full")
    code = f"""
import logging
from pathlib import Path
from bot.config import load_config
from bot.logfile import start_logging
start_logging(load_config(Path({str(place.file)!r}), {{}}))
logging.error("lost")
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=PROGRAM_S, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_data_dir_that_is_a_file_is_refused(tmp_path: Path, root: logging.Logger) -> None:
    """In one sentence that names it."""
    (tmp_path / "data").write_text("mine", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(f"data_dir: {tmp_path / 'data'}", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be made: it is no folder"):
        start_logging(load_config(tmp_path / "config.yaml", {}))
