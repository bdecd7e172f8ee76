"""`run` as a process."""

import signal
import subprocess
from pathlib import Path

from tests.scenarios.telegram.phone import Phone
from tests.scenarios.telegram.process import ROOT, command, printed_code, run


def test_it_pairs_talks_is_killed_and_goes_on(phone: Phone, tmp_path: Path) -> None:
    """Killed with a card open; the tap works in the next process; SIGTERM ends it well."""
    out = tmp_path / "out"
    with run(phone, out) as process:
        phone.owner.say(phone.chat, f"/start {printed_code(out)}")
        phone.chat.wait("You are paired", 20)
        phone.owner.say(phone.chat, "note: buy milk")
        card = phone.chat.wait(lambda m: m.rows, 20)
        process.send_signal(signal.SIGKILL)
    with run(phone, out) as process:
        phone.owner.tap(card, "Accept", wait_s=20)
        phone.chat.wait("Accepted by you", 20, of=card)
        phone.chat.wait("Added to notes.md", 20, after=card.id)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert phone.place.note().read_text("utf-8").count("buy milk") == 1
    assert "Traceback" not in out.read_text("utf-8")


def test_nothing_to_run_is_said(phone: Phone) -> None:
    """Without a token, and with one that Telegram refuses: one line, exit code 1."""
    phone.server.revoke_token()
    for settings, words in ((phone.server.token, "wrong or was revoked"), (None, "telegram.token")):
        phone.place.configure(telegram={"token": settings, "api_base": phone.server.api_base})
        done = subprocess.run(
            command(phone), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 1
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert phone.server.token not in done.stderr
