"""Somebody deletes the `-wal` file of the running program: nothing is lost, and it goes on."""

import time
from pathlib import Path

import pytest

from tests.scenarios.program import Program
from tests.scenarios.telegram.phone import Phone
from tests.scenarios.telegram.test_storage_faults import LONG_S, serving


def wait_for(file: Path) -> None:
    """Wait until a file is there."""
    until = time.monotonic() + LONG_S
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_a_file_beside_the_database_that_is_deleted(
    phone: Phone, tmp_path: Path, suffix: str
) -> None:
    """It is noticed at once, with nothing to do; the store is opened again, and all is there."""
    out = tmp_path / "out"
    with serving(phone, out):
        phone.owner.say(phone.chat, "note: before")
        phone.chat.wait("Added to notes.md: before", LONG_S)
        file = Path(f"{phone.place.data}/equerry.db{suffix}")
        file.unlink()
        wait_for(file)
        assert "All well." in Program(phone.place).ok("status")
        phone.owner.say(phone.chat, "note: after")
        phone.chat.wait("Added to notes.md: after", LONG_S)
        said = "\n".join(message.text for message in phone.chat.from_bot)
        assert said.count("Added to notes.md: before") == 1
        assert "⚠️" not in said
    assert phone.place.note().read_text("utf-8") == "before\nafter\n"
    assert "verified" in Program(phone.place).ok("verify")
    assert len(Program(phone.place).events("--type", "message.received.v1")) == 2
