"""Killed while a file is on its way in."""

import signal
from pathlib import Path

import pytest

from tests.scenarios.telegram.phone import Phone
from tests.scenarios.telegram.test_program import pairing_code, program
from tests.waiting import PATIENCE_S

LETTER = "Dear Ada, the mast is ready on Friday."


@pytest.mark.parametrize("method", ["getFile", "sendMessage"])
def test_a_file_is_taken_in_once(method: str, phone: Phone, tmp_path: Path) -> None:
    """Before it is fetched, or when its card was sent: read, asked about and noted once."""
    out = tmp_path / "out"
    with program(phone, out) as process:
        phone.owner.say(phone.chat, f"/start {pairing_code(out)}")
        phone.chat.wait("You are paired")
        before = len(phone.server.calls_of(method))
        phone.server.faults.delay(method, 3)
        phone.owner.send_document(phone.chat, "letter.txt", LETTER.encode(), "note this")
        phone.server.wait(lambda: len(phone.server.calls_of(method)) > before)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
    with program(phone, out) as process:
        card = phone.chat.wait(lambda m: m.rows)
        if method == "sendMessage":
            card = phone.chat.wait("This card may be here twice")
        phone.owner.tap(card, "Accept", wait_s=PATIENCE_S)
        phone.chat.wait("Added to notes.md", after=card.id)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert phone.place.note().read_text("utf-8").count(LETTER) == 1
    kept = [path for path in (phone.place.data / "blobs").rglob("*") if path.is_file()]
    assert [path.read_text("utf-8") for path in kept] == [LETTER]
    assert "Traceback" not in out.read_text("utf-8")
