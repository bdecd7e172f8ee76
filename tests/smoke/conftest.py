"""The real model, served for the time of the run."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.architecture.source import ROOT
from tests.scenarios.places import Place
from tests.servers.process import LOOPBACK, ServerProcess, free_port
from tests.smoke.account import Account

PYTHON = ROOT / ".venv-smoke" / "bin" / "python"
SERVE = ROOT / "scripts" / "local_model" / "serve.py"
MODEL = ROOT / ".make" / "model.gguf"
LOAD_S = 300
TIMEOUT_S = 1800
ACCOUNT = pytest.StashKey[Account]()


@pytest.fixture(scope="session")
def api_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the model; give the address for `llm.api_base`."""
    port = free_port()
    log = tmp_path_factory.mktemp("model") / "server.log"
    server = ServerProcess([str(PYTHON), str(SERVE), str(MODEL), str(port)], log)
    try:
        server.wait_until(lambda: _is_up(port), within_s=LOAD_S)
        yield f"http://{LOOPBACK}:{port}/v1"
    finally:
        server.stop()


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture
def place(tmp_path: Path, api_base: str) -> Place:
    """Give a place whose every tier is the local model, at no price and with much patience."""
    free = {"input_per_million": 0, "output_per_million": 0}
    tier = {"model": "qwen2.5-coder-1.5b", "prices": free}
    tiers = {"fast": tier, "balanced": tier, "deep": tier}
    return Place(tmp_path, {"llm": {"api_base": api_base, "timeout_s": TIMEOUT_S, "tiers": tiers}})


@pytest.fixture(scope="session")
def account(pytestconfig: pytest.Config) -> Account:
    """Give the table that the cases fill."""
    return pytestconfig.stash.setdefault(ACCOUNT, Account())


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    if ACCOUNT in config.stash:
        terminalreporter.write_line(f"\n{config.stash[ACCOUNT]}\n")
