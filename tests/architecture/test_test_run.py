import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

from tests.architecture.source import ROOT
from tests.servers.process import LOOPBACK

SKIPPING = """
import pytest
def test_passes(): pass
def test_skips(): pytest.skip("no such server")
"""


def run_pytest(folder: Path, *options: str, **environment: str) -> tuple[int, str]:
    """Run pytest on a module with one skipped test, with the hooks of tests/conftest.py."""
    (folder / "test_some.py").write_text(SKIPPING, encoding="utf-8")
    without = {k: v for k, v in os.environ.items() if k not in {"CI", "EQUERRY_NO_SKIPS"}}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", f"--rootdir={folder}"]
    done = subprocess.run(
        [*command, "-q", "-c", os.devnull, *options, folder],
        cwd=ROOT,
        env={**without, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_skip_passes_at_home(tmp_path: Path) -> None:
    """Somebody without a server can run the tests, and they pass."""
    code, output = run_pytest(tmp_path)
    assert (code, "1 passed, 1 skipped" in output) == (0, True)


@pytest.mark.parametrize(("variable", "options"), [("CI", ("-n", "1")), ("EQUERRY_NO_SKIPS", ())])
def test_a_skip_fails_in_ci(tmp_path: Path, variable: str, options: tuple[str, ...]) -> None:
    """Where nothing may be skipped, a skip fails the run and is named."""
    code, output = run_pytest(tmp_path, *options, **{variable: "true"})
    assert code == 1
    assert "skipped, which fails this run" in output
    assert "test_some.py" in output.partition("skipped, which fails")[2]


def test_the_network_is_out_of_reach() -> None:
    """A connection that would leave this machine is refused before it is tried."""
    warned, refused = pytest.warns(match="192.0.2.1"), pytest.raises(SocketConnectBlockedError)
    with socket.socket() as client, warned, refused:
        client.connect(("192.0.2.1", 80))


def test_loopback_is_in_reach() -> None:
    """A server on this machine can be reached."""
    with socket.create_server((LOOPBACK, 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
