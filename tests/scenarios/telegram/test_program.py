"""`run` as a process."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scenarios.telegram.phone import CODE, Phone
from tests.waiting import PATIENCE_S, PROGRAM_S

ROOT = Path(__file__).parents[3]


def _command(phone: Phone) -> list[str]:
    return [sys.executable, "-m", "bot", "--config", str(phone.place.file), "run"]


@contextmanager
def program(phone: Phone, out: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the program until the block ends; what it prints is added to `out`."""
    with out.open("ab") as file:
        process = subprocess.Popen(_command(phone), cwd=ROOT, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def pairing_code(out: Path) -> str:
    """Return the code that it printed last."""
    until = time.monotonic() + PATIENCE_S
    while not (found := CODE.findall(out.read_text("utf-8"))):
        assert time.monotonic() < until, out.read_text("utf-8")
        time.sleep(0.05)
    return str(found[-1])


def test_it_pairs_talks_is_killed_and_goes_on(phone: Phone, tmp_path: Path) -> None:
    """Killed with a card open; the tap works in the next process; SIGTERM ends it well."""
    out = tmp_path / "out"
    with program(phone, out) as process:
        phone.owner.say(phone.chat, f"/start {pairing_code(out)}")
        phone.chat.wait("You are paired")
        phone.owner.say(phone.chat, "note: buy milk")
        card = phone.chat.wait(lambda m: m.rows)
        process.send_signal(signal.SIGKILL)
    with program(phone, out) as process:
        phone.owner.tap(card, "Accept", wait_s=PATIENCE_S)
        phone.chat.wait("Accepted by you", of=card)
        phone.chat.wait("Added to notes.md", after=card.id)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert phone.place.note().read_text("utf-8").count("buy milk") == 1
    assert "Traceback" not in out.read_text("utf-8")


def test_nothing_to_run_is_said(phone: Phone) -> None:
    """Without a token, and with one that Telegram refuses: one line, exit code 1."""
    phone.server.revoke_token()
    for settings, words in ((phone.server.token, "wrong or was revoked"), (None, "telegram.token")):
        phone.place.configure(telegram={"token": settings, "api_base": phone.server.api_base})
        done = subprocess.run(
            _command(phone),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PROGRAM_S,
            check=False,
        )
        assert done.returncode == 1
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert phone.server.token not in done.stderr
