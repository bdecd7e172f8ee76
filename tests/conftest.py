"""What holds for every test: private servers, no outside network, nothing skipped in CI.

`pyproject.toml` turns warnings into errors and lets sockets reach loopback only. Here the layers
are marked (`server`, `chaos`), and with `CI` or `EQUERRY_NO_SKIPS` set a run in which anything was
skipped fails and says what.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

from bot.wiring.detect import WELL_KNOWN

pytest_plugins = ["tests.servers.fixtures"]

# A shared machine is slow at times, which is no fault of the code; CI repeats the same examples.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# What the machine has is not what is tested: no provider's key, and no Ollama.
for key in WELL_KNOWN:
    os.environ.pop(key, None)
os.environ["OLLAMA_API_BASE"] = "http://127.0.0.1:9"

# Fixtures that start a program which may be missing.
NEEDS_SERVER = frozenset(
    {
        *("own_postgres_server", "own_redis_server", "own_chroma_server"),
        *("postgres_server", "redis_server", "chroma_server"),
    }
)
CHAOS = Path(__file__).parent / "chaos"
SMOKE = Path(__file__).parent / "smoke"


class Chaos(NamedTuple):
    """How hard the chaos tests try; the same seed kills at the same moments."""

    seed: int
    kills: int
    messages: int


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what the chaos tests take from the command line."""
    group = parser.getgroup("chaos")
    group.addoption("--chaos-seed", type=int, default=1, help="seed of the random moments")
    group.addoption("--chaos-kills", type=int, default=10, help="how often to kill the program")
    group.addoption("--chaos-messages", type=int, default=50, help="messages sent meanwhile")


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the keys of tests out of the state folder of whoever runs them."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    os.environ.pop("XDG_STATE_HOME")
    if before is not None:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="session")
def chaos(pytestconfig: pytest.Config) -> Chaos:
    """Give the seed and counts that the command line asked for."""
    option = pytestconfig.getoption
    return Chaos(option("--chaos-seed"), option("--chaos-kills"), option("--chaos-messages"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what needs a real model, wherever it is not asked for by its mark."""
    return (collection_path == SMOKE and config.option.markexpr != "smoke") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its layer, so that no test has to say it."""
    for item in items:
        if NEEDS_SERVER & set(getattr(item, "fixturenames", ())):
            item.add_marker("server")
        if CHAOS in item.path.parents:
            item.add_marker("chaos")
        if SMOKE in item.path.parents:
            item.add_marker("smoke")


def _skipped(config: pytest.Config) -> list[str]:
    """Name what was skipped, in a run that must not skip; empty on an xdist worker."""
    if not (os.environ.get("CI") or os.environ.get("EQUERRY_NO_SKIPS")):
        return []
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not isinstance(reporter, TerminalReporter):
        return []
    return sorted(report.nodeid for report in reporter.stats.get("skipped", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when something was skipped that must not be."""
    if _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Say which tests were skipped, where that is a failure."""
    names = _skipped(config)
    if names:
        terminalreporter.section("skipped, which fails this run", red=True)
        for name in names:
            terminalreporter.line(name)
